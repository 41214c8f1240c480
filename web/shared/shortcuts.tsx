/** Single-key shortcuts: they act outside text fields only, are shown on their buttons, and can be switched off (WCAG 2.1.4). */
import { createContext } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";

const PREFERENCE = "ringback-shortcuts";

export const ShortcutsOn = createContext(true);

export function shortcutsWanted(): boolean {
  return localStorage.getItem(PREFERENCE) !== "off";
}

export function wantShortcuts(on: boolean): void {
  localStorage.setItem(PREFERENCE, on ? "on" : "off");
}

/** Shows a key on its button; nothing where shortcuts are off. */
export function Key({ of }: { of: string }) {
  return useContext(ShortcutsOn) ? <kbd aria-hidden="true">{of}</kbd> : null;
}

/** `aria-keyshortcuts` of a button, or nothing where shortcuts are off. */
export function useKeyName(name: string): { "aria-keyshortcuts"?: string } {
  return useContext(ShortcutsOn) ? { "aria-keyshortcuts": name } : {};
}

/** What a key does now. Names: "a", "+", "Shift+X", "Control+Enter" (those with Control also act in text fields). */
export type Bindings = Record<string, (() => void) | undefined>;

export function useShortcuts(bindings: Bindings): void {
  const on = useContext(ShortcutsOn);
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || event.isComposing || document.querySelector("dialog[open]") !== null) return;
      const name = nameOf(event);
      const act = current.current[name];
      if (act === undefined) return;
      const withControl = name.startsWith("Control+");
      if (!withControl && (!on || isTextField(event.target))) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [on]);
}

/** A letter with Shift is "Shift+X"; a sign such as "+" is itself, whatever key combination the keyboard needs for it. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const { key } = event;
  if (event.ctrlKey || event.metaKey) return `Control+${key}`;
  if (event.altKey) return `Alt+${key}`;
  if (/^\p{L}$/u.test(key)) return event.shiftKey ? `Shift+${key.toUpperCase()}` : key.toLowerCase();
  return key;
}

function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["button", "checkbox", "radio", "submit", "reset"].includes(target.type);
}
