/** What the widget remembers on this device, per widget key: local storage where the page allows it, else this page only. */
import type { ChatMessage, WidgetBusiness } from "../shared/contract";

export interface Remembered {
  chat?: string;
  token?: string;
  business?: WidgetBusiness;
  silent?: boolean; // no ring sound
}

type Area = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The browser's storage, or for this page only where it is blocked. */
function areaOf(name: "localStorage" | "sessionStorage"): Area {
  try {
    const area = globalThis[name];
    area.getItem("");
    return area;
  } catch {
    const held = new Map<string, string>();
    return { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => held.set(key, value), removeItem: (key) => held.delete(key) };
  }
}

export class Memory {
  readonly #device = areaOf("localStorage");
  readonly #tab = areaOf("sessionStorage");

  readonly storageKey: string;

  constructor(widgetKey: string) {
    this.storageKey = `ringback:${widgetKey}`;
  }

  read(): Remembered {
    return this.#read(this.#device, "") ?? {};
  }

  write(change: Partial<Remembered>): void {
    this.#write(this.#device, "", { ...this.read(), ...change });
  }

  forget(): void {
    for (const part of ["", ":outbox"]) this.#write(this.#device, part, null);
    for (const part of [":open", ":leg", ":messages"]) this.#write(this.#tab, part, null);
  }

  readOutbox<T>(): T[] {
    return this.#read(this.#device, ":outbox") ?? [];
  }

  writeOutbox(entries: unknown[]): void {
    this.#write(this.#device, ":outbox", entries.length ? entries : null);
  }

  /** This tab: was the panel open, which leg did it hold, which messages did it show. A reload reads them again. */
  get open(): boolean {
    return this.#read(this.#tab, ":open") ?? false;
  }

  set open(open: boolean) {
    this.#write(this.#tab, ":open", open);
  }

  get heldLeg(): string | null {
    return this.#read(this.#tab, ":leg");
  }

  set heldLeg(leg: string | null) {
    this.#write(this.#tab, ":leg", leg);
  }

  get messages(): ChatMessage[] {
    return this.#read(this.#tab, ":messages") ?? [];
  }

  set messages(messages: ChatMessage[]) {
    this.#write(this.#tab, ":messages", messages.slice(-60));
  }

  #read<T>(area: Area, part: string): T | null {
    try {
      return JSON.parse(area.getItem(this.storageKey + part) ?? "null") as T | null;
    } catch {
      return null; // not ours, or cut short
    }
  }

  #write(area: Area, part: string, value: unknown): void {
    try {
      if (value === null) area.removeItem(this.storageKey + part);
      else area.setItem(this.storageKey + part, JSON.stringify(value));
    } catch {
      // The storage is full: the server has all that matters.
    }
  }
}
