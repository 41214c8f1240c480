import { render } from "preact";

import "../shared/tokens.css";

const page = document.getElementById("page");
if (page) render(<main>Console</main>, page);
