/** The console, /console/v1: its half of the contract (contract.ts). */
import type { ChatMessage } from "./contract";
import type { AgentStateName } from "./contract-desk";

/** GET /api/v1/callbacks/{id}/recordings → {items: RecordingItem[]}; GET /api/v1/recordings/{id}/sound → WAV, audited */
export interface RecordingItem {
  id: string;
  attempt: string;
  state: "expected" | "stored" | "missing";
  began_at: string;
  seconds: number | null;
  kept_until: string;
}

/** GET /console/v1/view?queue=SLUG → ConsoleView; WebSocket sends {"type":"view"} once, then {"type":"patch"}: only the members that changed, rows by id. */
export type ConsoleEvent =
  | { type: "view"; view: ConsoleView }
  | { type: "patch"; patch: Partial<Omit<ConsoleView, "rows">>; rows: ConsoleRow[]; gone: string[] };

export interface ConsoleView {
  now: string;
  business: { name: string; zone: string };
  queues: ConsoleQueue[];
  score: ConsoleScore;
  risks: { callback: string; when: string; customer: string; chance: number | null; why: string; kind: "at_risk" | "stopped" | "short" | "unknown" }[];
  staffing: { slot: string; promised: number; room: number; closed: boolean }[]; // next 4 h
  agents: ConsoleAgent[];
  alerts: ConsoleAlert[]; // what needs a person, until it is over
  rows: ConsoleRow[];
  waiting_estimate: string | null; // "a new one is told 6–9 min"
  can_act: boolean; // supervisor of these queues, or admin
}

export interface ConsoleQueue {
  slug: string;
  provider: string; // its address
  name: string;
  offering: boolean;
  dialling: boolean;
  open_line: string;
  waiting: number;
  promised: number;
  backlog_cap: number | null;
  wait_cap: number | null; // seconds
  waitlist: boolean;
  listed: number; // on the waitlist
  shut_line: string | null; // closed by an operator: "Closes 15:00, open again tomorrow 00:00: fire drill"
  incident: string | null; // stands instead of offers
}

export interface ConsoleScore {
  kept: number;
  broken: number;
  withdrawn: number;
  lost: number;
  rung_twice: number;
  unknown: number;
  on_time: number | null; // 0–100, null without a base
  by_hour: { hour: string; on_time: number | null }[];
  target: number;
}

export interface ConsoleAgent {
  id: string;
  name: string;
  state: AgentStateName;
  since: string;
  line: string; // "Kim for Dana", "break, 8 min"
  away: boolean; // as an operator said, whatever their state
  queues: string[]; // names of those they serve
}

export interface ConsoleAlert {
  id: string;
  kind: "promise_at_risk" | "backlog" | "slot_short" | "nobody_on_duty";
  queue: string;
  verdict: string; // "Billing: 1 slot is short, 2 callbacks are more than can be made"
  raised_at: string;
}

/** What would not be refused now. */
export interface Possible {
  move: boolean;
  reassign: boolean;
  call_next: boolean;
  cancel: boolean;
}

export interface ConsoleRow {
  id: string; // the callback
  lane: "calling" | "waiting" | "promised" | "asking" | "done";
  customer: string;
  about: string | null;
  queue: string;
  promise: string; // "by 14:50"
  promise_end: string;
  chance: number | null;
  agent: string | null;
  why: string; // one line
  place: number | null;
  state: string;
  order: string; // sorts within its lane
  can: Possible; // of somebody who may act
}

/** GET /console/v1/callbacks/{id} → ConsoleDetail (the opened row). */
export interface ConsoleDetail {
  id: string;
  reasons: { title: string; items: { mark: "yes" | "no" | "info"; text: string }[] }[];
  history: { at: string; text: string; because: string[] }[];
  transcript: ChatMessage[];
  can: Possible;
  cannot: string | null;
}

/**
 * Console commands. Each names who is affected first (preview), then acts; all carry {reason} and are audited:
 * POST /api/v1/callbacks/{id}/cancel|move|reassign|call-next {reason, …}
 * POST /api/v1/bulk/preview and /api/v1/bulk {action: "cancel" | "move" | "reassign" | "message" | "offer_move", filter, reason, text?, plan?, …} → {affected: [{callback, customer, promise, effect, changes}], summary, plan}
 * POST /api/v1/agents/{id}/away/preview and /away {until: instant | null, reason, plan?} → the same
 * POST /api/v1/queues/{slug}/levers/preview and /levers {offering?, dialling?, backlog_cap?, wait_cap?, waitlist?, close_at?, reopen_at?, incident?, reason}; null takes a cap, a closure or an incident away
 */
