/** What the console asks the API to do. Every act carries a reason; a preview names who is affected and changes nothing. */
import type { Client } from "../shared/post";
import { type Division, DIVISIONS, type Report } from "./report";

export type Action = "cancel" | "move" | "reassign" | "call-next";

export interface Affected {
  callback: string;
  customer: string;
  promise: string;
  effect: string;
}

export interface Preview {
  affected: Affected[];
  summary?: string; // the same in one line
}

export interface ActInput {
  reason: string;
  at?: string; // move: the instant
  agent?: string | null; // reassign: null is anyone of the queue
}

export interface Levers {
  offering?: boolean;
  dialling?: boolean;
  backlog_cap?: number | null;
}

export class Commands {
  constructor(
    private readonly client: Client,
    private readonly zone: string,
  ) {}

  act(callback: string, action: Action, input: ActInput): Promise<unknown> {
    return this.client.post(`/api/v1/callbacks/${callback}/${action}`, this.bodyOf(action, input));
  }

  previewBulk(callbacks: string[], action: Exclude<Action, "call-next">, input: ActInput): Promise<Preview> {
    return this.client.post("/api/v1/bulk/preview", { action, filter: { callbacks }, ...this.bodyOf(action, input) });
  }

  bulk(callbacks: string[], action: Exclude<Action, "call-next">, input: ActInput): Promise<Preview> {
    return this.client.post("/api/v1/bulk", { action, filter: { callbacks }, ...this.bodyOf(action, input) });
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

  private bodyOf(action: Action, { reason, at, agent }: ActInput): Record<string, unknown> {
    if (action === "move") return { reason, when: { kind: "instant", zone: this.zone, start: at } };
    if (action === "reassign") return { reason, agent: agent ?? null };
    return { reason };
  }
}
