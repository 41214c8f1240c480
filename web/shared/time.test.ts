import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, day, duration, offset, placeOf, range, timer } from "./time";

const LONDON = "Europe/London";
const NOON = "2026-11-24T12:00:00Z";

test("a range has an en dash and no spaces", () => {
  assert.equal(range("2026-11-24T14:38:00Z", "2026-11-24T14:41:00Z", LONDON), "14:38–14:41");
});

test("the weekday stands with every date that is not today", () => {
  assert.equal(day("2026-11-24T23:30:00Z", NOON, LONDON), "Today");
  assert.equal(day("2026-11-25T00:30:00Z", NOON, LONDON), "Tomorrow, Wed 25 Nov");
  assert.equal(day("2026-11-27T08:00:00Z", NOON, LONDON), "Fri 27 Nov");
});

test("today ends at midnight of the zone, not of UTC", () => {
  assert.equal(day("2026-11-24T23:30:00Z", NOON, "Europe/Madrid"), "Tomorrow, Wed 25 Nov");
});

test("timers count up in two digits and durations are said in words", () => {
  assert.deepEqual([0, 134, 3_734, -5].map(timer), ["00:00", "02:14", "1:02:14", "00:00"]);
  assert.deepEqual([12, 368, 3_720].map(duration), ["12 s", "6 min 08 s", "1 h 02 min"]);
});

test("a zone is called by its place", () => {
  assert.equal(placeOf("America/New_York"), "New York");
  assert.equal(placeOf("UTC"), "UTC");
});

test("offsets follow daylight saving", () => {
  assert.equal(offset(LONDON, "2026-07-01T12:00:00Z"), 60);
  assert.equal(offset(LONDON, NOON), 0);
  assert.equal(offset("Asia/Kathmandu", NOON), 345);
  assert.equal(clock("2026-10-25T00:30:00Z", LONDON), "01:30");
});
