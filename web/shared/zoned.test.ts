import assert from "node:assert/strict";
import { test } from "node:test";
import { instantIn, localDate } from "./zoned";

test("a typed time is meant in the business's zone", () => {
  assert.equal(instantIn("2026-11-24", "15:15", "Europe/London"), "2026-11-24T15:15:00.000Z");
  assert.equal(instantIn("2026-07-24", "15:15", "Europe/London"), "2026-07-24T14:15:00.000Z");
  assert.equal(instantIn("2026-11-24", "15:15", "Asia/Kolkata"), "2026-11-24T09:45:00.000Z");
});

test("the hour a clock change skips becomes the one after it", () => {
  assert.equal(instantIn("2026-03-29", "01:30", "Europe/London"), "2026-03-29T01:30:00.000Z"); // 02:30 there
});

test("of the hour that comes twice the first is meant", () => {
  assert.equal(instantIn("2026-10-25", "01:30", "Europe/London"), "2026-10-25T00:30:00.000Z");
});

test("a missing date or time is no instant", () => {
  assert.equal(instantIn("", "15:15", "UTC"), null);
  assert.equal(instantIn("2026-11-24", "", "UTC"), null);
});

test("the date of an instant is that of the zone", () => {
  assert.equal(localDate(Date.UTC(2026, 10, 24, 23, 30), "Asia/Tokyo"), "2026-11-25");
});
