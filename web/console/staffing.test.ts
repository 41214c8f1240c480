import assert from "node:assert/strict";
import { test } from "node:test";
import { closedRuns, positionOf, scaleOf, sentence, shortBy, type Slot } from "./staffing";

const slot = (minutes: number, promised: number, room: number, closed = false): Slot => ({
  slot: new Date(Date.UTC(2026, 10, 24, 14, minutes)).toISOString(),
  promised,
  room,
  closed,
});
const at = (instant: string): string => instant.slice(11, 16);

test("a slot is short by what is promised beyond its room, and never when closed", () => {
  assert.equal(shortBy(slot(0, 4, 2)), 2);
  assert.equal(shortBy(slot(0, 2, 4)), 0);
  assert.equal(shortBy(slot(0, 1, 0, true)), 0);
});

test("the scale has whole numbers and at most six lines", () => {
  assert.deepEqual(scaleOf([slot(0, 0, 0)]).ticks, [0, 1]);
  assert.deepEqual(scaleOf([slot(0, 4, 5)]).ticks, [0, 1, 2, 3, 4, 5]);
  for (const highest of [6, 17, 23, 100, 401]) {
    const { ticks, top } = scaleOf([slot(0, highest, 3)]);
    assert.ok(ticks.length <= 6 && top >= highest, `${highest}`);
  }
});

test("neighbouring closed slots are one run", () => {
  assert.deepEqual(closedRuns([slot(0, 0, 1), slot(15, 0, 0, true), slot(30, 0, 0, true), slot(45, 0, 1), slot(60, 0, 0, true)]), [
    [1, 2],
    [4, 4],
  ]);
});

test("the chart's name says what a look at it tells", () => {
  assert.equal(
    sentence([slot(0, 3, 5), slot(15, 4, 2), slot(30, 0, 0, true)], at),
    "7 promised in the next 4 hours. Short: 14:15 by 2. Closed from 14:30.",
  );
});

test("now lies between its slots, or nowhere", () => {
  const slots = [slot(0, 0, 1), slot(15, 0, 1)];
  assert.equal(positionOf(Date.UTC(2026, 10, 24, 14, 7, 30), slots), 0.5);
  assert.equal(positionOf(Date.UTC(2026, 10, 24, 13), slots), null);
});
