/** As much of a document as the renderer touches, so that it is tested without a browser. */

class FakeNode {
  parent: FakeElement | null = null;

  get nextSibling(): FakeNode | null {
    const siblings = this.parent?.nodes ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  remove(): void {
    this.parent?.nodes.splice(this.parent.nodes.indexOf(this), 1);
    this.parent = null;
  }
}

class FakeText extends FakeNode {
  data = "";

  override toString(): string {
    return this.data;
  }
}

export class FakeElement extends FakeNode {
  nodes: FakeNode[] = [];
  attributes = new Map<string, string>();
  listeners = new Map<string, Set<() => void>>();
  moves = 0;
  namespaceURI = "";
  [property: string]: unknown;

  constructor(readonly nodeName: string) {
    super();
  }

  get firstChild(): FakeNode | null {
    return this.nodes[0] ?? null;
  }

  insertBefore(node: FakeNode, before: FakeNode | null): void {
    this.moves += 1;
    if (node.parent) node.remove();
    this.nodes.splice(before ? this.nodes.indexOf(before) : this.nodes.length, 0, node);
    node.parent = this;
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  addEventListener(name: string, act: () => void): void {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(act));
  }

  removeEventListener(name: string, act: () => void): void {
    this.listeners.get(name)?.delete(act);
  }

  fire(name: string): void {
    for (const act of this.listeners.get(name) ?? []) act();
  }

  override toString(): string {
    const attributes = [...this.attributes].map(([name, value]) => ` ${name}="${value}"`).join("");
    return `<${this.nodeName}${attributes}>${this.nodes.join("")}</${this.nodeName}>`;
  }
}

export function useFakeDocument(): void {
  const make = (name: string) => new FakeElement(name);
  Object.assign(globalThis, { Text: FakeText, document: { createElement: make, createElementNS: (_: string, name: string) => make(name) } });
}
