/** A button with a menu under it: arrows move, Esc closes and returns, a click elsewhere closes. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

interface MenuProps {
  label: ComponentChildren;
  name?: string; // its accessible name, where the label is an icon only
  buttonClass: string;
  children: (close: () => void) => ComponentChildren; // elements with role menuitem
  opener?: (open: () => void) => void; // hands out a way to open it by a shortcut
  keys?: { "aria-keyshortcuts"?: string };
  tabIndex?: number;
  up?: boolean; // opens above its button
}

export function Menu({ label, name, buttonClass, children, opener, keys, tabIndex = 0, up = false }: MenuProps) {
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  opener?.(() => setOpen(true));

  useEffect(() => {
    if (!open) return;
    itemsOf(holder.current)[0]?.focus();
    const outside = (event: Event): void => {
      if (event.target instanceof Node && holder.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") {
      setOpen(false);
    } else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
      event.preventDefault();
      moveFocus(itemsOf(holder.current), event.key);
    } else {
      const item = itemsOf(holder.current).find((one) => one.getAttribute("aria-keyshortcuts")?.toLowerCase() === event.key.toLowerCase());
      if (item !== undefined) {
        event.preventDefault();
        item.click();
      }
    }
  };

  return (
    <div class="menu-holder" ref={holder} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        class={buttonClass}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={name}
        id={`${id}-button`}
        tabIndex={tabIndex}
        {...keys}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div class={up ? "menu up" : "menu"} role="menu" id={id} aria-labelledby={`${id}-button`}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

function itemsOf(holder: HTMLElement | null): HTMLElement[] {
  return [...(holder?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
}

function moveFocus(items: HTMLElement[], key: string): void {
  const now = items.indexOf(document.activeElement as HTMLElement);
  const step = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[key] ?? 0;
  items.at(step % items.length)?.focus();
}

/** A setting in a menu: stays open, says on or off in a word. */
export function MenuToggle({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <button type="button" role="menuitemcheckbox" tabIndex={-1} aria-checked={on} onClick={() => onChange(!on)}>
      {label}
      <span class="second">{on ? "on" : "off"}</span>
    </button>
  );
}

interface MenuItemProps {
  children: ComponentChildren;
  onChoose: () => void;
  shortcut?: string;
}

export function MenuItem({ children, onChoose, shortcut }: MenuItemProps) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} aria-keyshortcuts={shortcut} onClick={onChoose}>
      {children}
    </button>
  );
}
