import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FakeElement, useFakeDocument } from "./fake-document";
import { useEffect, useLayoutEffect, useRef, useState } from "./hooks";
import { render, type Child, type VNode } from "./index";
import { jsx } from "./jsx-runtime";

useFakeDocument();

let root: FakeElement;
const draw = (input: Child) => render(input, root as unknown as Element);
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const item = (key: string) => jsx("li", { children: key }, key);
const find = (name: string, within: FakeElement = root): FakeElement => {
  for (const node of within.nodes) {
    if (!(node instanceof FakeElement)) continue;
    if (node.nodeName === name) return node;
    if (node.toString().includes(`<${name}`)) return find(name, node);
  }
  throw new Error(`no ${name} in ${within}`);
};

beforeEach(() => {
  root = new FakeElement("root");
});

test("elements, text, fragments and holes come out in order", () => {
  draw(jsx("p", { class: "a", hidden: false, children: ["one ", 2, null, false, [jsx("b", { children: "three" })]] }));
  assert.equal(String(root), '<root><p class="a">one 2<b>three</b></p></root>');
});

test("a hole that fills leaves its neighbours alone", () => {
  const page = (open: boolean) => jsx("div", { children: [open && jsx("i", {}), jsx("b", {})] });
  draw(page(false));
  const neighbour = find("b");
  draw(page(true));
  assert.equal(String(root), "<root><div><i></i><b></b></div></root>");
  assert.equal(find("b"), neighbour);
  draw(page(false));
  assert.equal(find("b"), neighbour);
});

test("keyed rows keep their nodes when one goes, and none of the others moves", () => {
  draw(jsx("ul", { children: ["a", "b", "c"].map(item) }));
  const list = find("ul");
  const [, , last] = list.nodes;
  list.moves = 0;
  draw(jsx("ul", { children: ["b", "c"].map(item) }));
  assert.equal(String(list), "<ul><li>b</li><li>c</li></ul>");
  assert.equal(list.nodes[1], last);
  assert.equal(list.moves, 0);
});

test("keyed rows follow a new order", () => {
  for (const order of ["abc", "cab", "xbay", "", "yx"]) {
    draw(jsx("ul", { children: [...order].map(item) }));
    assert.equal(String(find("ul")), `<ul>${[...order].map((key) => `<li>${key}</li>`).join("")}</ul>`);
  }
});

test("a component between elements grows in its place", () => {
  const Pair = ({ wide }: { wide?: boolean }) => (wide ? [jsx("i", {}), jsx("u", {})] : jsx("i", {}));
  const page = (wide: boolean) => jsx("p", { children: [jsx("a", {}), jsx(Pair as VNode["type"], { wide }), jsx("b", {})] });
  draw(page(false));
  draw(page(true));
  assert.equal(String(find("p")), "<p><a></a><i></i><u></u><b></b></p>");
  draw(page(false));
  assert.equal(String(find("p")), "<p><a></a><i></i><b></b></p>");
});

test("state is kept and a change is drawn once", async () => {
  let drawn = 0;
  const Counter = () => {
    const [count, setCount] = useState(0);
    drawn += 1;
    const more = () => {
      setCount((last) => last + 1);
      setCount((last) => last + 1);
    };
    return jsx("button", { onClick: more, children: count });
  };
  draw(jsx(Counter, {}));
  find("button").fire("click");
  await settle();
  assert.equal(String(root), "<root><button>2</button></root>");
  assert.equal(drawn, 2);
});

test("another key is another component: its state begins anew", async () => {
  const Named = () => jsx("b", { children: useState(() => Math.random())[0] });
  draw(jsx(Named, {}, "one"));
  const before = String(root);
  draw(jsx(Named, {}, "one"));
  assert.equal(String(root), before);
  draw(jsx(Named, {}, "two"));
  assert.notEqual(String(root), before);
});

test("effects run when their inputs change and are ended when the component goes", () => {
  const told: string[] = [];
  const Watcher = ({ of }: { of?: string }) => {
    useEffect(() => {
      told.push(`begin ${of}`);
      return () => void told.push(`end ${of}`);
    }, [of]);
    useLayoutEffect(() => void told.push(`layout ${of}`), [of]);
    return null;
  };
  const watcher = (of: string) => jsx(Watcher as VNode["type"], { of });
  draw(watcher("a"));
  draw(watcher("a"));
  draw(watcher("b"));
  draw(null);
  assert.deepEqual(told, ["layout a", "begin a", "layout b", "end a", "begin b", "end b"]);
});

test("refs point at the element and are emptied with it", () => {
  let seen: { current: unknown } = { current: null };
  const Holder = () => {
    seen = useRef<unknown>(null);
    return jsx("input", { ref: seen });
  };
  draw(jsx(Holder, {}));
  assert.equal(seen.current, find("input"));
  draw(null);
  assert.equal(seen.current, null);
});

test("what the person typed is overwritten only by another value", () => {
  draw(jsx("input", { value: "a" }));
  const input = find("input");
  input["value"] = "typed";
  draw(jsx("input", { value: "typed" }));
  assert.equal(input["value"], "typed");
  draw(jsx("input", { value: "" }));
  assert.equal(input["value"], "");
});

test("a listener is replaced, not added", () => {
  const told: number[] = [];
  draw(jsx("a", { onClick: () => told.push(1) }));
  draw(jsx("a", { onClick: () => told.push(2) }));
  find("a").fire("click");
  assert.deepEqual(told, [2]);
});

test("aria states keep their false, other attributes go with it", () => {
  draw(jsx("a", { "aria-expanded": false, disabled: true, title: undefined }));
  assert.equal(String(root), '<root><a aria-expanded="false" disabled=""></a></root>');
  draw(jsx("a", { "aria-expanded": true, disabled: false }));
  assert.equal(String(root), '<root><a aria-expanded="true"></a></root>');
});
