import assert from "node:assert/strict";
import { test } from "node:test";

import type { CallbackCard, CallView, ChatMessage, Prompt } from "../shared/contract";
import { anchor, hasGap, liveCard, merge, resumeAfter } from "./transcript";

function message(seq: number, more: Partial<ChatMessage> = {}): ChatMessage {
  return { seq, author: "assistant", author_name: null, text: `m${seq}`, at: "", key: null, prompt: null, status: null, ...more };
}

const prompt = (answered: string | null) => ({ id: "p", kind: "when", answered }) as Prompt;
const card = (state: CallbackCard["state"]) => ({ state }) as CallbackCard;
const call = (state: CallView["state"]) => ({ state }) as CallView;

test("a changed message replaces the one with its number", () => {
  const merged = merge([message(1), message(2)], [message(3), message(2, { text: "changed" })]);
  assert.deepEqual(
    merged.map((one) => one.text),
    ["m1", "changed", "m3"],
  );
});

test("a gap is noticed, a repetition is none", () => {
  assert.equal(hasGap([message(1)], message(3)), true);
  assert.equal(hasGap([message(1)], message(2)), false);
  assert.equal(hasGap([message(1), message(2)], message(1)), false);
});

test("an open prompt is asked for again: it may have been answered elsewhere", () => {
  assert.equal(resumeAfter([]), 0);
  assert.equal(resumeAfter([message(1), message(2)]), 2);
  assert.equal(resumeAfter([message(1), message(2, { prompt: prompt(null) }), message(3)]), 1);
  assert.equal(resumeAfter([message(1), message(2, { prompt: prompt("no") }), message(3)]), 3);
});

test("one card is live: a call, then a question, then the callback", () => {
  const asked = [message(1, { prompt: prompt(null) }), message(2)];
  assert.equal(liveCard(asked, card("booked"), call("ringing"))?.kind, "call");
  assert.equal(liveCard(asked, card("booked"), call("ended"))?.kind, "prompt");
  assert.equal(liveCard([message(1, { prompt: prompt("yes") })], card("booked"), null)?.kind, "callback");
  assert.equal(liveCard([], card("done"), null), null);
});

test("only the newest prompt is live", () => {
  assert.equal(liveCard([message(1, { prompt: prompt(null) }), message(2, { prompt: prompt("yes") })], null, null), null);
});

test("the state hangs under the last line that told of it", () => {
  assert.equal(anchor([message(1), message(2, { author: "system", status: "booked" }), message(3)]), 2);
  assert.equal(anchor([message(1, { author: "system", status: "booked" }), message(2, { prompt: { kind: "missed" } as Prompt }), message(3)]), 2);
  assert.equal(anchor([message(1)]), null);
});
