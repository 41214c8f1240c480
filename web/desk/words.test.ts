import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeskCallback, NextCallback } from "../shared/contract";
import { firstName, relative, whatComes, whatRings } from "./words";

const NOW = Date.UTC(2026, 10, 24, 14, 36);
const iso = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();
const clock = (at: string): string => at.slice(11, 16);

test("a person is called by the first name, an unnamed one the customer", () => {
  assert.equal(firstName("Dana W."), "Dana");
  assert.equal(firstName("Customer ending 123"), "the customer");
  assert.equal(firstName("Customer in the chat"), "the customer");
});

test("what rings is a phone, or the page for a call in the browser", () => {
  const customer = { name: "Dana W.", where: "Phone ending 123, number proved" } as DeskCallback["customer"];
  assert.equal(whatRings(customer), "Dana’s phone");
  assert.equal(whatRings({ ...customer, where: "Their browser, in the chat" }), "Dana’s page");
});

test("relative under an hour, then the day", () => {
  assert.equal(relative(iso(-1), NOW, "UTC"), "now");
  assert.equal(relative(iso(3), NOW, "UTC"), "in 3 min");
  assert.equal(relative(iso(90), NOW, "UTC"), "today");
});

test("the sentence says who is next, when, and from when the agent is held", () => {
  const next = { customer: "Dana W.", at: iso(3), held_from: iso(2) } as NextCallback;
  assert.equal(
    whatComes([next], clock, NOW, "UTC"),
    "Next is Dana W., in about 3 min. From 14:38 you are held for Dana, and no new chats reach you.",
  );
  const then = { customer: "Lee", at: iso(12), held_from: null } as NextCallback;
  assert.equal(whatComes([{ ...next, held_from: null }, then], clock, NOW, "UTC"), "Next is Dana W., in about 3 min. Then Lee, in about 12 min.");
  assert.equal(whatComes([], clock, NOW, "UTC"), "Nothing planned for you. New ones appear here.");
});
