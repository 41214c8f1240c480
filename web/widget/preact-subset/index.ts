/**
 * The part of Preact that the widget uses, in a fifth of its bytes: a customer's page pays for each of them. The widget's
 * components import `preact` and are checked against its types; the build of widget.js puts this in its place.
 *
 * Every change draws the whole tree again (it is one small panel), which is what keeps this short: no component is ever
 * drawn alone, so its place in the document follows from walking the tree in order with a cursor.
 */
import { runEffects, unmountHooks, withHooks, type Hook } from "./hooks";

export type Component = (props: Props) => Child;
export type Child = VNode | Child[] | string | number | boolean | null | undefined;
type Props = Record<string, unknown> & { children?: Child };

export interface VNode {
  type: string | Component | null; // null is text
  props: Props;
  key: unknown;
}

/** A drawn vnode: its node when it is an element or text, what it rendered, the hooks of a component. */
interface Drawn extends VNode {
  node: Element | Text | null;
  children: Drawn[];
  hooks: Hook[];
}

interface Root {
  tree: Drawn[];
  input: Child;
  redraw: () => void;
}

type Cursor = { next: Node | null };

const SVG = "http://www.w3.org/2000/svg";
const roots = new WeakMap<Element, Root>();

export const Fragment: Component = (props) => props.children;

export function render(input: Child, parent: Element): void {
  let root = roots.get(parent);
  if (!root) {
    const made: Root = { tree: [], input, redraw: () => draw(parent, made) };
    roots.set(parent, (root = made));
  }
  root.input = input;
  draw(parent, root);
}

function draw(parent: Element, root: Root): void {
  root.tree = patch(parent, root.tree, root.input, { next: parent.firstChild }, root.redraw);
  runEffects();
}

function flatten(child: Child, into: VNode[] = []): VNode[] {
  if (Array.isArray(child)) for (const one of child) flatten(one, into);
  else if (child !== null && typeof child === "object") into.push(child);
  // A hole is an empty text: it keeps its place, so that `{open && <Menu />}` never shifts the state of its neighbours.
  else into.push({ type: null, props: { text: child === null || child === undefined || typeof child === "boolean" ? "" : String(child) }, key: undefined });
  return into;
}

function patch(parent: Element, before: Drawn[], input: Child, cursor: Cursor, redraw: () => void): Drawn[] {
  const left = [...before];
  const wanted = flatten(input).map((vnode, index) => {
    const fits = (old: Drawn | undefined) => old?.type === vnode.type && old.key === vnode.key;
    const at = vnode.key === undefined && fits(before[index]) ? left.indexOf(before[index] as Drawn) : left.findIndex(fits);
    return [vnode, at < 0 ? undefined : left.splice(at, 1)[0]] as const;
  });
  // What goes away goes first: what stays then never moves, and keeps focus and scroll position.
  for (const old of left) remove(old, cursor);
  return wanted.map(([vnode, old]) => update(parent, vnode, old, cursor, redraw));
}

function update(parent: Element, vnode: VNode, old: Drawn | undefined, cursor: Cursor, redraw: () => void): Drawn {
  const drawn: Drawn = { ...vnode, node: old?.node ?? null, children: old?.children ?? [], hooks: old?.hooks ?? [] };
  const { type, props } = vnode;
  if (typeof type === "function") {
    const output = withHooks(drawn.hooks, redraw, () => type(props));
    drawn.children = patch(parent, drawn.children, output, cursor, redraw);
    return drawn;
  }
  const node = (drawn.node ??= type === null ? new Text() : create(type, parent));
  if (node === cursor.next) cursor.next = node.nextSibling;
  else parent.insertBefore(node, cursor.next);
  if (type === null) {
    if ((node as Text).data !== props["text"]) (node as Text).data = props["text"] as string;
    return drawn;
  }
  const element = node as Element;
  drawn.children = patch(element, drawn.children, props.children, { next: element.firstChild }, redraw);
  const last = old?.props ?? {};
  for (const name in { ...last, ...props }) set(element, name, props[name], last[name]);
  return drawn;
}

function create(type: string, parent: Element): Element {
  return type === "svg" || (parent.namespaceURI === SVG && parent.nodeName !== "foreignObject")
    ? document.createElementNS(SVG, type)
    : document.createElement(type);
}

function set(element: Element, name: string, value: unknown, last: unknown): void {
  if (name === "children") return;
  if (name === "ref") {
    if (value) (value as { current: unknown }).current = element;
  } else if (name === "value" || name === "checked") {
    // The person changes these too: compare with the document, not with what was drawn last.
    const input = element as unknown as Record<string, unknown>;
    if (input[name] !== value) input[name] = value;
  } else if (value === last) {
    return;
  } else if (name.startsWith("on")) {
    const event = name.slice(2).toLowerCase();
    if (last) element.removeEventListener(event, last as EventListener);
    if (value) element.addEventListener(event, value as EventListener);
  } else if (value === null || value === undefined || (value === false && !name.startsWith("aria-"))) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
}

function remove(drawn: Drawn, cursor: Cursor | null): void {
  unmountHooks(drawn.hooks);
  const ref = drawn.props["ref"] as { current: unknown } | undefined;
  if (drawn.node && ref) ref.current = null;
  // Below a removed element nothing needs removing from the document, but its effects end.
  for (const child of drawn.children) remove(child, drawn.node ? null : cursor);
  if (!drawn.node || !cursor) return;
  if (cursor.next === drawn.node) cursor.next = drawn.node.nextSibling;
  drawn.node.remove();
}
