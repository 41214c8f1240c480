import type { VNode } from "./index";

export { Fragment } from "./index";

export function jsx(type: VNode["type"], props: VNode["props"], key?: unknown): VNode {
  return { type, props, key };
}

export { jsx as jsxs };
