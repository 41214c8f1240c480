import assert from "node:assert/strict";
import { test } from "node:test";
import { whereTo } from "./where-to";

const ORIGIN = "https://calls.example";
const kim = { agent: "a1", roles: ["agent" as const] };
const nadia = { agent: null, roles: ["supervisor" as const] };

test("without a wish an agent goes to the desk and anybody else to the console", () => {
  assert.equal(whereTo("", ORIGIN, kim), "/desk");
  assert.equal(whereTo("", ORIGIN, nadia), "/console");
});

test("a path of ours is followed with its query and fragment", () => {
  assert.equal(whereTo("?next=%2Fconsole%3Fqueue%3Dbilling%23callbacks", ORIGIN, kim), "/console?queue=billing#callbacks");
});

for (const evil of ["//evil.example/desk", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "desk", "/login", "/.//evil.example", ""]) {
  test(`${JSON.stringify(evil)} leads to the person's own page`, () => {
    assert.equal(whereTo(`?next=${encodeURIComponent(evil)}`, ORIGIN, kim), "/desk");
  });
}
