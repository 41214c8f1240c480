/** The demonstration customer's page: its one script shows that a page itself may offer a callback. */
import type { RingbackWidget } from "../widget/element";
import "./demo.css";

document.getElementById("wrong")?.addEventListener("click", () => {
  document.querySelector<RingbackWidget>("ringback-widget")?.offerCallback({ topic: "Something is wrong with my bill" });
});
