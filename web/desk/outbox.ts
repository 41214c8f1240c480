/** Outcomes on their way to the server: kept in the tab's storage with their idempotency keys until answered. */
import { type Client, Refused, newKey } from "../shared/post";

const SHELF = "ringback-outcomes";

/** POST /desk/v1/attempts/{id}/disposition: `booked` and `words` tell what became of a call that the outcome asks for. */
export interface WrappedUp {
  accepted: true;
  booked: boolean | null; // null: not known yet, or none was asked for
  words: string | null;
}

interface Waiting {
  attempt: string;
  key: string;
  body: unknown;
}

export class Outbox {
  constructor(
    private readonly storage: Pick<Storage, "getItem" | "setItem">,
    private readonly client: Pick<Client, "post">,
    private readonly onSent: (attempt: string, answer: WrappedUp | undefined) => void = () => undefined,
  ) {}

  /** Replaces an outcome of the same attempt that was not sent yet; a changed body needs a key of its own. */
  put(attempt: string, body: unknown): void {
    this.keep([...this.waiting().filter((one) => one.attempt !== attempt), { attempt, key: newKey(), body }]);
  }

  has(attempt: string): boolean {
    return this.waiting().some((one) => one.attempt === attempt);
  }

  /** Sends one; what the server refuses is taken off the shelf and thrown, what nobody answered stays and is thrown. */
  async flush(attempt: string): Promise<void> {
    const one = this.waiting().find((waiting) => waiting.attempt === attempt);
    if (one === undefined) return;
    let answer: WrappedUp | undefined;
    try {
      answer = await this.client.post<WrappedUp>(`/desk/v1/attempts/${attempt}/disposition`, one.body, { key: one.key });
    } catch (failure) {
      if (failure instanceof Refused) this.drop(one);
      throw failure;
    }
    this.drop(one);
    this.onSent(attempt, answer);
  }

  /** Sends all of them; returns what the server refused. What nobody answered stays on the shelf. */
  async flushAll(): Promise<Refused[]> {
    const refused: Refused[] = [];
    for (const { attempt } of this.waiting()) {
      await this.flush(attempt).catch((failure: unknown) => {
        if (failure instanceof Refused) refused.push(failure);
      });
    }
    return refused;
  }

  get isEmpty(): boolean {
    return this.waiting().length === 0;
  }

  private drop(sent: Waiting): void {
    this.keep(this.waiting().filter((one) => one.key !== sent.key));
  }

  private waiting(): Waiting[] {
    return JSON.parse(this.storage.getItem(SHELF) ?? "[]") as Waiting[];
  }

  private keep(waiting: Waiting[]): void {
    this.storage.setItem(SHELF, JSON.stringify(waiting));
  }
}
