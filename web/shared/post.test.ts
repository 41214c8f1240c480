import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { makeClient, newKey, Refused, Unreachable } from "./post";

interface Request {
  path: string;
  key: string | null;
}

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** Answers each request with the next of `answers`; a missing one is a network failure. */
function serve(...answers: (Response | null)[]): Request[] {
  const seen: Request[] = [];
  globalThis.fetch = async (input, init) => {
    seen.push({ path: String(input), key: new Headers(init?.headers).get("idempotency-key") });
    const answer = answers.shift();
    if (!answer) throw new TypeError("network");
    return answer;
  };
  return seen;
}

const problem = (status: number, body: object) => new Response(JSON.stringify(body), { status });

test("an unanswered post is sent again with the same key", async () => {
  const seen = serve(null, new Response("", { status: 503 }), Response.json({ accepted: true }));
  assert.deepEqual(await makeClient().post("/x", {}), { accepted: true });
  assert.equal(seen.length, 3);
  assert.equal(new Set(seen.map((request) => request.key)).size, 1);
});

test("two posts never share a key", async () => {
  const seen = serve(Response.json({}), Response.json({}));
  const client = makeClient();
  await client.post("/x");
  await client.post("/x");
  assert.notEqual(seen[0]?.key, seen[1]?.key);
});

test("a refusal is told, not repeated", async () => {
  const seen = serve(problem(409, { type: "https://ringback.dev/problems/slot-taken", title: "Taken", detail: "15:15 was just taken.", next: "Next: 15:30." }));
  await assert.rejects(makeClient().post("/x"), (failure: Refused) => {
    assert.equal(failure.id, "slot-taken");
    assert.equal(failure.status, 409);
    assert.equal(failure.problem.next, "Next: 15:30.");
    return true;
  });
  assert.equal(seen.length, 1);
});

test("a proxy's page becomes a problem in our words", async () => {
  serve(new Response("<html>too large</html>", { status: 413, statusText: "Payload Too Large" }));
  await assert.rejects(makeClient().post("/x"), (failure: Refused) => failure.problem.detail === "The server refused this (413).");
});

test("without patience one failure is told at once", async () => {
  const seen = serve(null);
  await assert.rejects(makeClient().post("/x", {}, { patience: 0 }), Unreachable);
  assert.equal(seen.length, 1);
});

test("keys are version 4 UUIDs", () => {
  assert.match(newKey(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
