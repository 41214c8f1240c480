/** What the console asks the API to do. Every act carries a reason; a preview names who is affected and changes nothing. */
import type { Client } from "../shared/post";
import { type Division, DIVISIONS, type Report } from "./report";

export type Action = "cancel" | "move" | "reassign" | "message" | "offer_move" | "call-next";
export type BulkAction = Exclude<Action, "call-next">;

/** Which open callbacks: those named, or all that meet every member given. */
export interface Filter {
  callbacks?: string[];
  queue?: string;
  agent?: string;
  at_risk?: boolean;
  short?: boolean;
  promised_from?: string;
  promised_until?: string;
}

export interface Affected {
  callback: string;
  customer: string;
  promise: string;
  effect: string;
  changes?: boolean; // false: it stays as it is
}

export interface Preview {
  affected: Affected[];
  summary?: string; // the same in one line
  plan?: string | null; // given with the act: exactly this is done, or nothing
}

export interface ActInput {
  reason: string;
  at?: string; // move: the instant
  agent?: string | null; // reassign: null is anyone of the queue
  text?: string; // message: what is said; offer_move: why, for the customer
}

export interface Levers {
  offering?: boolean;
  dialling?: boolean;
  backlog_cap?: number | null;
  wait_cap?: number | null; // seconds
  waitlist?: boolean;
  close_at?: string | null;
  reopen_at?: string;
  incident?: string | null;
}

/** A number that is never called: GET /api/v1/do-not-call */
export interface ListedNumber {
  number: string;
  source: "added" | "import" | "stop" | "agent";
  note: string | null;
  added_by: string;
  added_at: string;
}

export class Commands {
  constructor(
    private readonly client: Client,
    private readonly zone: string,
  ) {}

  act(callback: string, action: Action, input: ActInput): Promise<unknown> {
    return this.client.post(`/api/v1/callbacks/${callback}/${action}`, this.bodyOf(action, input));
  }

  previewBulk(filter: Filter, action: BulkAction, input: ActInput): Promise<Preview> {
    return this.client.post("/api/v1/bulk/preview", { action, filter, ...this.bodyOf(action, input) });
  }

  bulk(filter: Filter, action: BulkAction, input: ActInput, plan: string | null): Promise<Preview> {
    return this.client.post("/api/v1/bulk", { action, filter, plan, ...this.bodyOf(action, input) });
  }

  previewAway(agent: string, until: string | null, reason: string): Promise<Preview> {
    return this.client.post(`/api/v1/agents/${agent}/away/preview`, { until, reason });
  }

  away(agent: string, until: string | null, reason: string, plan: string | null): Promise<Preview> {
    return this.client.post(`/api/v1/agents/${agent}/away`, { until, reason, plan });
  }

  previewLevers(queue: string, levers: Levers, reason: string): Promise<Preview> {
    return this.client.post(`/api/v1/queues/${queue}/levers/preview`, { ...levers, reason });
  }

  levers(queue: string, levers: Levers, reason: string): Promise<unknown> {
    return this.client.post(`/api/v1/queues/${queue}/levers`, { ...levers, reason });
  }

  /** The figures of these days of the business's zone, both included, divided as asked. */
  report(since: string, until: string, queue: string | null, division: Division): Promise<Report> {
    const query = new URLSearchParams({ since, until, ...(queue === null ? {} : { queue }), ...DIVISIONS[division] });
    return this.client.get(`/api/v1/report?${query}`);
  }

  create(request: Record<string, unknown>): Promise<unknown> {
    return this.client.post("/api/v1/callbacks", request);
  }

  /** One page of the do-not-call list, newest first, or the one entry of a number. Each look is in the audit. */
  listedNumbers(after: string | null, number: string): Promise<{ items: ListedNumber[]; next: string | null }> {
    const query = new URLSearchParams({ limit: "50", ...(after === null ? {} : { after }), ...(number === "" ? {} : { number }) });
    return this.client.get(`/api/v1/do-not-call?${query}`);
  }

  listNumber(number: string, note: string): Promise<ListedNumber> {
    return this.client.post("/api/v1/do-not-call", { number, note: note === "" ? null : note });
  }

  unlistNumber(number: string): Promise<void> {
    return this.client.delete(`/api/v1/do-not-call/${encodeURIComponent(number)}`);
  }

  private bodyOf(action: Action, { reason, at, agent, text }: ActInput): Record<string, unknown> {
    if (action === "move") return { reason, when: { kind: "instant", zone: this.zone, start: at } };
    if (action === "reassign") return { reason, agent: agent ?? null };
    if (action === "message" || action === "offer_move") return { reason, text: text ?? null };
    return { reason };
  }
}
