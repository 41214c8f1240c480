import assert from "node:assert/strict";
import { test } from "node:test";

import type { Problem } from "../shared/contract";
import { Refused, Unreachable } from "../shared/post";
import { Outbox, type Entry } from "./outbox";

const problem: Problem = { type: "x/too-long", title: "Too long", detail: "Too long.", status: 422 };
const entry = (key: string, text?: string): Entry => ({ key, path: "/x", body: {}, at: "", ...(text === undefined ? {} : { text }) });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function outbox(storage: { entries: Entry[] }, answers: (Error | "ok")[]) {
  const sent: string[] = [];
  const told: string[] = [];
  const box = new Outbox({
    load: () => storage.entries,
    save: (entries) => (storage.entries = entries),
    deliver: async ({ key }) => {
      sent.push(key);
      const answer = answers.shift() ?? "ok";
      if (answer !== "ok") throw answer;
      return {};
    },
    onDelivered: ({ key }) => told.push(`delivered ${key}`),
    onRefused: ({ key }) => told.push(`refused ${key}`),
    onChange: () => undefined,
  });
  return { box, sent, told };
}

test("what cannot be sent is kept, in order, with its key", async () => {
  const storage = { entries: [] as Entry[] };
  const { box, sent } = outbox(storage, [new Unreachable("")]);
  box.add(entry("a", "one"));
  await settle();
  box.add(entry("b", "two"));
  await settle();
  box.stop();
  assert.deepEqual(sent, ["a", "a", "b"]);
  assert.deepEqual(storage.entries, []);
});

test("a reload sends what the page before could not", async () => {
  const storage = { entries: [entry("a", "one"), entry("b", "two")] };
  const { box, sent } = outbox(storage, []);
  await box.flush();
  assert.deepEqual(sent, ["a", "b"]);
});

test("a refused message stays and holds nothing up; trying again uses a new key", async () => {
  const storage = { entries: [entry("a", "one"), entry("b", "two")] };
  const { box, sent, told } = outbox(storage, [new Refused(problem)]);
  await box.flush();
  assert.deepEqual(told, ["refused a", "delivered b"]);
  assert.equal(storage.entries[0]?.refused?.detail, "Too long.");
  box.retry("a", "a2");
  await settle();
  assert.deepEqual(sent, ["a", "b", "a2"]);
  assert.deepEqual(storage.entries, []);
});

test("a refused answer is told and dropped", async () => {
  const storage = { entries: [entry("a")] };
  const { box, told } = outbox(storage, [new Refused(problem)]);
  await box.flush();
  assert.deepEqual([told, storage.entries], [["refused a"], []]);
});

test("what other tabs have not sent yet is not lost", async () => {
  const storage = { entries: [] as Entry[] };
  const { box } = outbox(storage, []);
  storage.entries = [entry("theirs", "from another tab")];
  box.add(entry("ours", "from here"));
  await settle();
  assert.deepEqual(
    storage.entries.map((one) => one.key),
    ["theirs"],
  );
});

test("the server's copy that came another way settles the message", () => {
  const storage = { entries: [entry("a", "one")] };
  const { box } = outbox(storage, []);
  box.settled("a");
  assert.deepEqual(storage.entries, []);
});
