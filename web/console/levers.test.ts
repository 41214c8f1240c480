import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsoleQueue } from "../shared/contract";
import { changesOf, firstChoice, stepWords } from "./levers";

const queue = (slug: string, change: Partial<ConsoleQueue> = {}): ConsoleQueue =>
  ({ slug, name: slug, offering: true, dialling: true, backlog_cap: null, ...change }) as ConsoleQueue;
const billing = queue("billing");
const support = queue("support");
const stopped = queue("support", { offering: false });

test("where nothing is stopped the dialog proposes to stop all of it", () => {
  const chosen = firstChoice("offering", [billing, support]);
  const changes = changesOf("offering", [billing, support], chosen, "");
  assert.deepEqual(changes.map(({ queue: one, levers }) => [one.slug, levers]), [
    ["billing", { offering: false }],
    ["support", { offering: false }],
  ]);
  assert.equal(stepWords("offering", changes), "Stop offering");
});

test("where some are stopped it proposes to resume those, and leaves the others alone", () => {
  const changes = changesOf("offering", [billing, stopped], firstChoice("offering", [billing, stopped]), "");
  assert.deepEqual(changes.map(({ queue: one, levers }) => [one.slug, levers]), [["support", { offering: true }]]);
  assert.equal(stepWords("offering", changes), "Offer again");
});

test("one can be stopped and another resumed in one step", () => {
  const changes = changesOf("offering", [billing, stopped], new Set(["billing"]), "");
  assert.equal(stepWords("offering", changes), "Change 2 queues");
});

test("what stays as it is is no change", () => {
  assert.deepEqual(changesOf("offering", [billing, stopped], new Set(["support"]), ""), []);
  assert.deepEqual(changesOf("cap", [queue("billing", { backlog_cap: 40 })], new Set(["billing"]), "40"), []);
});

test("an empty cap removes it", () => {
  const changes = changesOf("cap", [queue("billing", { backlog_cap: 40 }), support], new Set(["billing", "support"]), " ");
  assert.deepEqual(changes.map(({ queue: one, levers }) => [one.slug, levers]), [["billing", { backlog_cap: null }]]);
});
