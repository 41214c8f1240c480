import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsoleQueue } from "../shared/contract";
import { changesOf, firstChoice, stepWords } from "./levers";

const queue = (slug: string, change: Partial<ConsoleQueue> = {}): ConsoleQueue =>
  ({ slug, name: slug, offering: true, dialling: true, waitlist: false, backlog_cap: null, wait_cap: null, shut_line: null, incident: null, ...change }) as ConsoleQueue;
const billing = queue("billing");
const support = queue("support");
const stopped = queue("support", { offering: false });

test("where nothing is stopped the dialog proposes to stop all of it", () => {
  const chosen = firstChoice("offering", [billing, support]);
  const changes = changesOf("offering", [billing, support], chosen, { text: "" });
  assert.deepEqual(changes.map(({ queue: one, levers }) => [one.slug, levers]), [
    ["billing", { offering: false }],
    ["support", { offering: false }],
  ]);
  assert.equal(stepWords("offering", changes), "Stop offering");
});

test("where some are stopped it proposes to resume those, and leaves the others alone", () => {
  const changes = changesOf("offering", [billing, stopped], firstChoice("offering", [billing, stopped]), { text: "" });
  assert.deepEqual(changes.map(({ queue: one, levers }) => [one.slug, levers]), [["support", { offering: true }]]);
  assert.equal(stepWords("offering", changes), "Offer again");
});

test("one can be stopped and another resumed in one step", () => {
  const changes = changesOf("offering", [billing, stopped], new Set(["billing"]), { text: "" });
  assert.equal(stepWords("offering", changes), "Change 2 queues");
});

test("what stays as it is is no change", () => {
  assert.deepEqual(changesOf("offering", [billing, stopped], new Set(["support"]), { text: "" }), []);
  assert.deepEqual(changesOf("cap", [queue("billing", { backlog_cap: 40 })], new Set(["billing"]), { text: "40" }), []);
});

test("an empty cap removes it", () => {
  const changes = changesOf("cap", [queue("billing", { backlog_cap: 40 }), support], new Set(["billing", "support"]), { text: " " });
  assert.deepEqual(changes.map(({ queue: one, levers }) => [one.slug, levers]), [["billing", { backlog_cap: null }]]);
});

test("a waitlist is kept, and taken away again", () => {
  const kept = changesOf("waitlist", [billing], new Set(["billing"]), { text: "" });
  assert.deepEqual(kept.map(({ levers }) => levers), [{ waitlist: true }]);
  assert.equal(stepWords("waitlist", kept), "Keep a waitlist");
  const gone = changesOf("waitlist", [queue("billing", { waitlist: true })], new Set(), { text: "" });
  assert.equal(stepWords("waitlist", gone), "Keep no waitlist");
});

test("a cut-off is typed in minutes and kept in seconds", () => {
  const changes = changesOf("wait", [billing], new Set(["billing"]), { text: "20" });
  assert.deepEqual(changes.map(({ levers }) => levers), [{ wait_cap: 1200 }]);
});

test("an incident is announced, and ended with no words", () => {
  const told = changesOf("incident", [billing], firstChoice("incident", [billing]), { text: " Our line is down " });
  assert.deepEqual(told.map(({ levers }) => levers), [{ incident: "Our line is down" }]);
  assert.equal(stepWords("incident", told), "Announce the incident");
  const now = [queue("billing", { incident: "Our line is down" }), support];
  const over = changesOf("incident", now, firstChoice("incident", now), { text: "" });
  assert.deepEqual(over.map(({ queue: one, levers }) => [one.slug, levers]), [["billing", { incident: null }]]);
  assert.equal(stepWords("incident", over), "End the incident");
});

test("closing takes a time, and none takes the closure back", () => {
  const at = "2026-11-23T15:00:00.000Z";
  const closed = changesOf("close", [billing], new Set(["billing"]), { text: at, reopen: null });
  assert.deepEqual(closed.map(({ levers }) => levers), [{ close_at: at }]);
  const open = changesOf("close", [queue("billing", { shut_line: "Closed" }), support], new Set(["billing", "support"]), { text: "" });
  assert.deepEqual(open.map(({ queue: one, levers }) => [one.slug, levers]), [["billing", { close_at: null }]]);
  assert.equal(stepWords("close", open), "Open by the hours again");
});
