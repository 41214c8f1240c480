/** The desk, /desk/v1: its half of the contract (contract.ts). */
import type { CallView, ChatMessage, LiveSignal } from "./contract";

/** GET /desk/v1/view → DeskView; the WebSocket sends {"type": "view", view} whole when anything in it changed, and signals. */
export type DeskEvent = { type: "view"; view: DeskView } | { type: "signal"; leg: string; signal: LiveSignal };

export type AgentStateName =
  | "offline" | "available" | "in_chats" | "held" | "reserved" | "on_a_call" | "wrap_up" | "paused" | "not_responding";

export interface DeskView {
  now: string;
  agent: { id: string; name: string; queues: string[] };
  providers: ProviderChoice[]; // what this agent may ask a callback from, for a customer
  state: { name: AgentStateName; since: string; reason: string | null; until: string | null };
  pause_reasons: string[];
  decline_reasons: string[];
  ice_servers: RTCIceServer[];
  relay_only: boolean;
  current: DeskCallback | null; // ringing, being dialled, talking or in wrap-up
  call: CallView | null; // this agent's leg
  with_you: WithYou | null; // somebody who got through by another way
  chats: LiveChat[]; // this agent's, and those that wait in their queues; first those whose customer waits for a callback, then the oldest
  next: NextCallback[];
  done_today: DoneCallback[];
  day: { promises_kept: number; promises_ended: number; average_talk: number | null; shift_ends: string | null };
}

/** A callback provider as an address ("biz:acme/q:billing") and in words. */
export interface ProviderChoice {
  address: string;
  name: string;
}

export interface DeskCallback {
  callback: string;
  attempt: string;
  stage: "ringing_you" | "customer_rings" | "talking" | "wrap_up";
  stage_since: string;
  accept_by: string | null;
  customer: { name: string; where: string; number_proved: boolean; consent: string | null; last_time: string | null; local_time: string };
  topic: string | null;
  promised: string; // "By 14:50, as soon as possible"
  window_end: string;
  queue: string;
  why_you: string;
  transcript: ChatMessage[];
  wrap_up_until: string | null;
  more_time_used: boolean;
  dispositions: { code: string; label: string; effect: string }[]; // effect: "Closes it", "We call again in 60 min"
  can_hold: boolean;
  phone: { held: boolean; muted: boolean; recording: boolean | null; accept_key: string | null } | null; // an agent with a telephone
}

/** GET /desk/v1/transfer-targets (a call), /desk/v1/chats/targets (a live chat) → TransferTarget[] */
export interface TransferTarget {
  kind: "agent" | "queue";
  id: string;
  name: string;
  free: boolean;
}

/** Somebody at the contact centre outside whom this agent talks with, and the callback they wait for. */
export interface WithYou {
  callback: string;
  customer: string;
  topic: string | null;
  promised: string;
  queue: string;
  since: string;
  transcript: ChatMessage[];
}

/** A chat with a person. `mine`: this agent writes in it; else it waits. `messages`: of one's own only. */
export interface LiveChat {
  chat: string;
  mine: boolean;
  customer: string;
  topic: string | null;
  queue: string;
  since: string;
  promised: string | null; // the callback that the customer waits for, in words
  messages: ChatMessage[];
}

export interface NextCallback {
  callback: string;
  at: string;
  when: string; // "15:15–15:30 · asked for you"
  customer: string;
  topic: string | null;
  held_from: string | null;
  can_call_now: boolean;
  dialling: boolean; // false: nobody is called in its queue
}

export interface DoneCallback {
  callback: string;
  at: string;
  customer: string;
  topic: string | null;
  outcome: string;
  talk: number | null;
  promise: string; // "Kept, 9 min early"
  kept: boolean | null;
}

/**
 * Desk commands, all → Accepted:
 * POST /desk/v1/state {state: "available" | "paused" | "offline", reason?}
 * POST /desk/v1/attempts/{id}/voicemail {} · /wrong-person {} (while the customer's leg is answered)
 * POST /desk/v1/attempts/{id}/talk {what: "hold" | "mute" | "recording", on} · /hang-up {} · /transfer {agent} or {queue} (agents with a telephone)
 * POST /desk/v1/attempts/{id}/more-time {} · /disposition {code, note?, call_again_at?} (ends the wrap-up)
 * POST /desk/v1/callbacks/{id}/call-now {} · /desk/v1/callbacks {person…} see API `create callback`
 * POST /desk/v1/chats/{id}/take {} · /messages {text} · /transfer {agent} or {queue} · /end {}
 * calls: the CallInput and Signal posts above under /desk/v1/calls/{leg}
 */
