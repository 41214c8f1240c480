/**
 * The one script tag: `<script src="https://host/widget.js" data-widget-key="wk_…" async></script>` defines the element and
 * puts one on the page. Other `data-` attributes become the element's: data-theme, data-side, data-identity. Without a
 * key it only defines `<ringback-widget>` for the page to place itself.
 */
import { RingbackWidget } from "./element";

const TAG = "ringback-widget";
const script = document.currentScript as HTMLScriptElement | null;

if (!customElements.get(TAG)) customElements.define(TAG, RingbackWidget);

if (script?.dataset["widgetKey"] && !document.querySelector(TAG)) {
  const element = document.createElement(TAG);
  element.setAttribute("server", new URL(script.src, location.href).origin);
  for (const [name, value] of Object.entries(script.dataset)) {
    element.setAttribute(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), value ?? "");
  }
  if (document.body) document.body.append(element);
  else addEventListener("DOMContentLoaded", () => document.body.append(element), { once: true });
}
