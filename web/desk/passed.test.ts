import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeskCallback, DeskView } from "../shared/contract";
import { whyPassed } from "./passed";

const rang = { callback: "c1", attempt: "a1", customer: { name: "Dana W." } } as DeskCallback;
const view = (change: object = {}): DeskView => ({ state: { name: "available" }, call: null, next: [], ...change }) as unknown as DeskView;

test("what this page declined is passed on, whatever else the view says", () => {
  assert.equal(whyPassed(rang, view({ state: { name: "available" } }), "a1").text, "Passed on. The next agent is asked.");
});

test("an agent who did not answer is told the state that followed", () => {
  assert.match(whyPassed(rang, view({ state: { name: "not_responding" } }), null).text, /^You did not answer\./);
});

test("a leg that we released was cancelled, or moved when it is still to come", () => {
  const released = { call: { ended_reason: "released" } };
  assert.equal(whyPassed(rang, view(released), null).text, "Dana’s callback was cancelled. Nothing was dialled.");
  assert.equal(whyPassed(rang, view({ ...released, next: [{ callback: "c1" }] }), null).text, "Dana’s callback was moved. Nothing was dialled.");
});

test("without a reason it is said only that it does not ring any more, until the reason comes", () => {
  assert.equal(whyPassed(rang, view(), null).certain, false);
});
