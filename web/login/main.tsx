import { render } from "preact";

import "../shared/tokens.css";

const page = document.getElementById("page");
if (page) render(<main>Log in</main>, page);
