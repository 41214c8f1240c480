import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsoleRow, ConsoleView } from "../shared/contract";
import { applyEvent, arrange, headOf, matches, patchRows, settle } from "./rows";

function row(id: string, change: Partial<ConsoleRow> = {}): ConsoleRow {
  return {
    id,
    lane: "waiting",
    customer: `Customer ${id}`,
    about: null,
    queue: "billing",
    promise: "by 14:50",
    promise_end: "2026-11-24T14:50:00Z",
    chance: 0.9,
    agent: null,
    why: "next",
    place: null,
    state: "waiting",
    order: id,
    can: { move: true, reassign: true, call_next: false, cancel: true },
    ...change,
  };
}

const view = (rows: ConsoleRow[]): ConsoleView => ({ rows, waiting_estimate: "6–9 min", can_act: true }) as ConsoleView;
const ids = (rows: ConsoleRow[]): string => rows.map(({ id }) => id).join(" ");

test("a patch replaces rows in place, adds new ones and takes gone ones away", () => {
  const [a, b, c] = [row("a"), row("b"), row("c")];
  const patched = patchRows([a, b, c], [row("b", { why: "moved up" }), row("d")], ["c"]);
  assert.equal(ids(patched), "a b d");
  assert.equal(patched[0], a, "an unchanged row stays the same object");
  assert.equal(patched[1]?.why, "moved up");
});

test("a row that is both changed and gone stays: it came back", () => {
  assert.equal(ids(patchRows([row("a")], [row("a")], ["a"])), "a");
});

test("the same patch applied twice changes nothing more", () => {
  const once = patchRows([row("a")], [row("b")], ["a"]);
  assert.deepEqual(patchRows(once, [row("b")], ["a"]), once);
});

test("only the members of the patch change, and a patch before the first view is ignored", () => {
  const patch = { type: "patch", patch: { waiting_estimate: null }, rows: [], gone: [] } as const;
  const after = applyEvent(view([row("a")]), { ...patch, rows: [], gone: [] });
  assert.equal(after?.waiting_estimate, null);
  assert.equal(after?.can_act, true);
  assert.equal(applyEvent(null, { ...patch, rows: [], gone: [] }), null);
});

test("rows are sorted by their order within each lane when nobody reads", () => {
  const { lanes, held } = arrange([row("a", { order: "3" }), row("b", { order: "1" }), row("c", { order: "2", lane: "calling" })], null);
  assert.equal(ids(lanes.waiting), "b a");
  assert.equal(ids(lanes.calling), "c");
  assert.equal(held.length, 0);
});

test("while somebody reads, new rows wait and known ones keep their place", () => {
  const settled = settle([row("a", { order: "1" }), row("b", { order: "2" })]);
  const { lanes, held } = arrange([row("a", { order: "9" }), row("b", { order: "2" }), row("n", { order: "0" })], settled);
  assert.equal(ids(lanes.waiting), "a b");
  assert.equal(ids(held), "n");
});

test("a row that changes lane goes there at once, by its new order", () => {
  const settled = settle([row("a", { order: "5" }), row("b", { order: "6", lane: "calling" })]);
  const { lanes } = arrange([row("a", { order: "1", lane: "calling" }), row("b", { order: "6", lane: "calling" })], settled);
  assert.equal(ids(lanes.calling), "a b");
  assert.equal(lanes.waiting.length, 0);
});

test("the head of a lane is its first rows and everything at risk", () => {
  const rows = [row("a"), row("b"), row("c", { chance: 0.38 }), row("d", { chance: null })];
  assert.equal(ids(headOf(rows, 1)), "a c");
});

test("a search finds rows by every word in any order", () => {
  const jon = row("a", { customer: "Jon M.", about: "Refund not arrived" });
  assert.ok(matches(jon, "refund jon"));
  assert.ok(!matches(jon, "refund ada"));
});
