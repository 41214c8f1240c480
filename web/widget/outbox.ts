/**
 * What the customer has sent and the server has not yet taken. Kept on the device, sent in order, each always with its own
 * idempotency key, so that a reload, a second tab or a lost answer sends nothing twice and loses nothing.
 */
import type { Problem } from "../shared/contract";
import { Refused, Unreachable } from "../shared/post";

export interface Entry {
  key: string;
  path: string;
  body: Record<string, unknown>;
  at: string;
  text?: string; // a message: shown in the thread until the server's own copy arrives
  prompt?: string; // an answer: the prompt that waits for it
  refused?: Problem; // messages stay, with "Try again"; everything else is dropped and told
}

export interface OutboxOptions {
  load: () => Entry[];
  save: (entries: Entry[]) => void;
  deliver: (entry: Entry) => Promise<unknown>;
  onDelivered: (entry: Entry, answer: unknown) => void;
  onRefused: (entry: Entry, problem: Problem) => void;
  onChange: () => void;
}

const RETRY = 2_000;

export class Outbox {
  entries: Entry[];
  readonly #known: Set<string>; // keys this page has had: others in storage belong to other tabs
  #running = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.entries = options.load();
    this.#known = new Set(this.entries.map((entry) => entry.key));
  }

  add(entry: Entry): void {
    this.entries = [...this.entries, entry];
    this.#changed();
    void this.flush();
  }

  /** A message that was refused is sent once more, as a new one. */
  retry(key: string, newKey: string): void {
    this.entries = this.entries.map(({ refused, ...entry }) => (entry.key === key ? { ...entry, key: newKey } : { ...entry, ...(refused ? { refused } : {}) }));
    this.#changed();
    void this.flush();
  }

  /** The server's copy of a message arrived by another way. */
  settled(key: string): void {
    if (!this.entries.some((entry) => entry.key === key)) return;
    this.#remove(key);
  }

  /** Send what waits, in order; stops at the first that cannot be delivered and comes back to it. */
  async flush(): Promise<void> {
    if (this.#running) return;
    clearTimeout(this.#timer);
    this.#running = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) await this.#deliver(next);
    } catch (failure) {
      if (!(failure instanceof Unreachable)) throw failure;
      this.#timer = setTimeout(() => void this.flush(), RETRY);
    } finally {
      this.#running = false;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #next(): Entry | undefined {
    return this.entries.find((entry) => !entry.refused);
  }

  async #deliver(entry: Entry): Promise<void> {
    try {
      const answer = await this.#options.deliver(entry);
      this.#remove(entry.key);
      this.#options.onDelivered(entry, answer);
    } catch (failure) {
      if (!(failure instanceof Refused)) throw failure;
      if (entry.text === undefined) this.#remove(entry.key);
      else this.#replace({ ...entry, refused: failure.problem });
      this.#options.onRefused(entry, failure.problem);
    }
  }

  #remove(key: string): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
    this.#changed();
  }

  #replace(entry: Entry): void {
    this.entries = this.entries.map((one) => (one.key === entry.key ? entry : one));
    this.#changed();
  }

  #changed(): void {
    for (const entry of this.entries) this.#known.add(entry.key);
    this.#options.save([...this.#options.load().filter((entry) => !this.#known.has(entry.key)), ...this.entries]);
    this.#options.onChange();
  }
}
