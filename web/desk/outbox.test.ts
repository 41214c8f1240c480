import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused, Unreachable } from "../shared/post";
import { Outbox } from "./outbox";

class Shelf {
  text: string | null = null;
  getItem(): string | null {
    return this.text;
  }
  setItem(_: string, text: string): void {
    this.text = text;
  }
}

/** Answers each post with the next of its answers: an error is thrown. */
class Answers {
  readonly sent: { path: string; key: string | undefined; body: unknown }[] = [];
  constructor(private readonly answers: (Error | null)[]) {}
  async post<T>(path: string, body?: unknown, options?: { key?: string }): Promise<T> {
    this.sent.push({ path, body, key: options?.key });
    const answer = this.answers.shift();
    if (answer) throw answer;
    return undefined as T;
  }
}

const refusal = new Refused({ type: "x/wrap-up-over", title: "", status: 409, detail: "over" });

test("an outcome that nobody answered is kept and sent again with the same key", async () => {
  const shelf = new Shelf();
  const client = new Answers([new Unreachable("gone"), null]);
  const outbox = new Outbox(shelf, client);
  outbox.put("a1", { code: "solved" });
  await assert.rejects(outbox.flush("a1"), Unreachable);
  assert.ok(outbox.has("a1"));

  await new Outbox(shelf, client).flushAll(); // the page was reloaded meanwhile
  assert.equal(client.sent.length, 2);
  assert.equal(client.sent[0]?.key, client.sent[1]?.key);
  assert.ok(!outbox.has("a1"));
});

test("a refused outcome leaves the shelf and is told", async () => {
  const outbox = new Outbox(new Shelf(), new Answers([refusal]));
  outbox.put("a1", { code: "nonsense" });
  await assert.rejects(outbox.flush("a1"), Refused);
  assert.ok(!outbox.has("a1"));
});

test("a changed outcome replaces the one before and has a key of its own", async () => {
  const client = new Answers([new Unreachable("gone"), null]);
  const outbox = new Outbox(new Shelf(), client);
  outbox.put("a1", { code: "solved" });
  await outbox.flush("a1").catch(() => undefined);
  outbox.put("a1", { code: "follow_up" });
  await outbox.flush("a1");
  assert.deepEqual(client.sent[1]?.body, { code: "follow_up" });
  assert.notEqual(client.sent[0]?.key, client.sent[1]?.key);
});

test("one that fails does not keep the others back", async () => {
  const outbox = new Outbox(new Shelf(), new Answers([refusal, null]));
  outbox.put("a1", {});
  outbox.put("a2", {});
  await outbox.flushAll();
  assert.ok(!outbox.has("a2"));
});
