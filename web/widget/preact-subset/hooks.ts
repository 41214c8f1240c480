/** Hooks of the components being drawn, found again by their order. */

export interface Hook {
  value?: unknown;
  inputs?: unknown[] | undefined;
  cleanup?: (() => void) | void;
}

type Effect = () => (() => void) | void;

let hooks: Hook[] = [];
let index = 0;
let redraw: () => void = () => undefined;
let layoutEffects: (() => void)[] = [];
let effects: (() => void)[] = [];
let counter = 0;
const scheduled = new Set<() => void>();

export function withHooks<T>(own: Hook[], drawAgain: () => void, act: () => T): T {
  const outer = [hooks, index] as const;
  [hooks, index, redraw] = [own, 0, drawAgain];
  const result = act();
  [hooks, index] = outer;
  return result;
}

export function unmountHooks(own: Hook[]): void {
  for (const hook of own) hook.cleanup?.();
}

/** Layout effects first, then the others; whatever they change is drawn afterwards. */
export function runEffects(): void {
  const due = [...layoutEffects, ...effects];
  layoutEffects = [];
  effects = [];
  for (const effect of due) effect();
}

function next(): Hook {
  return (hooks[index++] ??= {});
}

function changed(hook: Hook, inputs: unknown[] | undefined): boolean {
  return !hook.inputs || !inputs || inputs.some((input, at) => !Object.is(input, hook.inputs?.[at]));
}

export function useState<T>(initial: T | (() => T)): [T, (value: T | ((last: T) => T)) => void] {
  const hook = next();
  const drawAgain = redraw;
  if (!("value" in hook)) hook.value = typeof initial === "function" ? (initial as () => T)() : initial;
  const setState = (value: T | ((last: T) => T)) => {
    const fresh = typeof value === "function" ? (value as (last: T) => T)(hook.value as T) : value;
    if (Object.is(fresh, hook.value)) return;
    hook.value = fresh;
    if (scheduled.has(drawAgain)) return;
    scheduled.add(drawAgain);
    queueMicrotask(() => {
      scheduled.delete(drawAgain);
      drawAgain();
    });
  };
  return [hook.value as T, setState];
}

export function useRef<T>(initial: T): { current: T } {
  return (next().value ??= { current: initial }) as { current: T };
}

export function useId(): string {
  return (next().value ??= `rb-${++counter}`) as string;
}

function effectInto(queue: () => (() => void)[], effect: Effect, inputs?: unknown[]): void {
  const hook = next();
  if (!changed(hook, inputs)) return;
  hook.inputs = inputs;
  queue().push(() => {
    hook.cleanup?.();
    hook.cleanup = effect();
  });
}

export function useEffect(effect: Effect, inputs?: unknown[]): void {
  effectInto(() => effects, effect, inputs);
}

export function useLayoutEffect(effect: Effect, inputs?: unknown[]): void {
  effectInto(() => layoutEffects, effect, inputs);
}
