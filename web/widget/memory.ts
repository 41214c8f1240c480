/** What the widget remembers on this device, per widget key: local storage where the page allows it, else this page only. */
import type { ChatMessage, WidgetBusiness } from "../shared/contract";

export interface Remembered {
  opening?: string; // idempotency key of opening the chat: two tabs that open at once get the same chat
  chat?: string;
  token?: string;
  business?: WidgetBusiness;
  silent?: boolean; // no ring sound
}

export class Memory {
  #fallback = new Map<string, string>();
  readonly #prefix: string;

  constructor(widgetKey: string) {
    this.#prefix = `ringback:${widgetKey}`;
  }

  get storageKey(): string {
    return this.#prefix;
  }

  get outboxKey(): string {
    return `${this.#prefix}:outbox`;
  }

  read(): Remembered {
    return this.#parse<Remembered>(this.#get("localStorage", this.#prefix)) ?? {};
  }

  write(change: Partial<Remembered>): void {
    this.#set("localStorage", this.#prefix, JSON.stringify({ ...this.read(), ...change }));
  }

  forget(): void {
    for (const key of [this.#prefix, this.outboxKey]) this.#remove("localStorage", key);
    for (const key of ["open", "leg", "messages"]) this.#remove("sessionStorage", `${this.#prefix}:${key}`);
  }

  readOutbox<T>(): T[] {
    return this.#parse<T[]>(this.#get("localStorage", this.outboxKey)) ?? [];
  }

  writeOutbox(entries: unknown[]): void {
    if (entries.length) this.#set("localStorage", this.outboxKey, JSON.stringify(entries));
    else this.#remove("localStorage", this.outboxKey);
  }

  /** This tab: was the panel open, which leg did it hold, which messages did it show. A reload reads them again. */
  get open(): boolean {
    return this.#get("sessionStorage", `${this.#prefix}:open`) === "1";
  }

  set open(open: boolean) {
    this.#set("sessionStorage", `${this.#prefix}:open`, open ? "1" : "0");
  }

  get heldLeg(): string | null {
    return this.#get("sessionStorage", `${this.#prefix}:leg`);
  }

  set heldLeg(leg: string | null) {
    if (leg) this.#set("sessionStorage", `${this.#prefix}:leg`, leg);
    else this.#remove("sessionStorage", `${this.#prefix}:leg`);
  }

  get messages(): ChatMessage[] {
    return this.#parse<ChatMessage[]>(this.#get("sessionStorage", `${this.#prefix}:messages`)) ?? [];
  }

  set messages(messages: ChatMessage[]) {
    this.#set("sessionStorage", `${this.#prefix}:messages`, JSON.stringify(messages.slice(-60)));
  }

  #get(area: "localStorage" | "sessionStorage", key: string): string | null {
    try {
      return globalThis[area].getItem(key);
    } catch {
      return this.#fallback.get(key) ?? null;
    }
  }

  #set(area: "localStorage" | "sessionStorage", key: string, value: string): void {
    try {
      globalThis[area].setItem(key, value);
    } catch {
      this.#fallback.set(key, value);
    }
  }

  #remove(area: "localStorage" | "sessionStorage", key: string): void {
    this.#fallback.delete(key);
    try {
      globalThis[area].removeItem(key);
    } catch {
      // Blocked storage: only the fallback held it.
    }
  }

  #parse<T>(text: string | null): T | null {
    try {
      return text ? (JSON.parse(text) as T) : null;
    } catch {
      return null;
    }
  }
}
