/** Starts the log-in page. */
import { render } from "preact";
import "./login.css";
import { Login } from "./login";

const root = document.getElementById("page");
if (root !== null) render(<Login />, root);
