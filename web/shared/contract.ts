/**
 * What the pages and the servers say to each other. The Python side is `callback_application_server/wire.py` (widget)
 * and `console/wire.py` (desk, console); a test compares the two.
 * Instants are ISO 8601 with offset (UTC, "Z"); durations are seconds; ids are UUID strings unless said otherwise.
 * Every POST carries `Idempotency-Key: <uuid>`; the same key gives the same answer again.
 * Errors are problem details (RFC 9457): `Problem`.
 */

export interface Problem {
  type: string; // "https://ringback.dev/problems/slot-taken": the last part is the stable id
  title: string;
  status: number;
  detail: string;
  field?: string; // the input it belongs to, when there is one
  next?: string; // what can be done instead, in words
}

/* ---------------------------------------------------------------- widget: /widget/v1, bearer token, no cookies */

/** POST /widget/v1/chats {widget_key, zone, locale, page_url, identity?} → ChatOpened. `identity` is a signed token from the page's own server. */
export interface ChatOpened {
  chat: string;
  token: string; // bearer of this chat; the widget keeps it in localStorage of the embedding origin
  business: WidgetBusiness;
  snapshot: ChatSnapshot;
}

export interface WidgetBusiness {
  name: string;
  open_line: string; // "Open until 18:00", "Closed until Wed 25 Nov, 08:00"
  zone: string;
  accent: string | null;
  greeting: string;
  ice_servers: RTCIceServer[];
  relay_only: boolean; // sound only through the TURN servers, so that neither side learns the other's address
}

/** GET /widget/v1/chat?after=SEQ&page=ID → ChatSnapshot: also the polling fallback (every 2 s where no WebSocket opens); `page` counts as presence. */
export interface ChatSnapshot {
  business: WidgetBusiness;
  messages: ChatMessage[]; // seq > after, ascending; at most 200, newest last
  callback: CallbackCard | null; // the open callback of this chat, or the last one finished within the hour
  call: CallView | null; // what rings or talks on this page's chat now
  last_seq: number;
  now: string;
}

export interface ChatMessage {
  seq: number; // 1, 2, 3 … per chat, no gaps
  author: "customer" | "assistant" | "agent" | "system";
  author_name: string | null;
  text: string; // always there: what a channel without cards would show
  at: string;
  key: string | null; // the client's idempotency key when the customer wrote it: replaces the local echo
  prompt: Prompt | null; // a live or answered prompt hangs under its message
  status: string | null; // system lines: "booked" | "next" | "soon" | "calling" | "joined" | "late" | "missed" | "busy" | "unknown" | "cancelled" | "moved" | "done" | "closed"
}

/** One prompt model for every channel. A prompt is answered once; `answer` is what its one line says afterwards. */
export interface Prompt {
  id: string;
  kind: "when" | "day" | "provider" | "confirm" | "readback" | "late" | "missed" | "unknown" | "cancel" | "code" | "choice";
  title: string; // "When should we call?"
  context: string | null; // header line: "Billing team · 3 people"
  context_change: string | null; // token behind "Change"
  note: string | null; // "We call within 15 min of the time you pick."
  options: PromptOption[];
  days: PromptDay[]; // kind "day"
  summary: SummaryLine[]; // kind "readback", "confirm"
  destinations: ("browser" | "phone")[]; // kind "confirm"
  consent: string | null; // kind "confirm": the words next to the box
  submit: string | null; // label of the filled button when the option is chosen and then sent: "Continue", "Call me by 14:50"
  expires_at: string;
  answered: string | null; // one line, null while live
}

export interface PromptOption {
  token: string; // opaque, signed, at most 64 bytes, single use per prompt, bound to the chat
  label: string; // "As soon as possible"
  detail: string | null; // "About 6–9 min · by 14:50 at the latest"
  badge: AgentBadge | null; // kind "provider"
  style: "option" | "quiet" | "primary" | "danger";
  disabled: string | null; // the reason, when it cannot be chosen
}

export interface PromptDay {
  token: string; // answering it shows that day's times: the same prompt comes back with other options
  label: string; // "Today"
  detail: string; // "24 Nov"
  selected: boolean;
  full: boolean;
}

export interface SummaryLine {
  label: string;
  value: string;
}

export type AgentBadge = "available" | "on_a_call" | "in_chats" | "away" | "wrap_up" | "free_now";

/** POST /widget/v1/messages {text} → ChatMessage (the customer's own). */
/** POST /widget/v1/callback-offer {provider?: string, topic?: string} → Accepted. `element.offerCallback()` and the "Get a call" button. */
/** POST /widget/v1/answers Answer → Accepted. What follows arrives as messages. */
export interface Answer {
  token: string;
  destination?: "browser" | "phone";
  number?: string;
  topic?: string;
  consent?: boolean;
  name?: string;
}
export interface Accepted {
  accepted: true;
}

/** POST /widget/v1/callback/cancel {} and POST /widget/v1/callback/move {} → Accepted (move shows the "when" prompt again). */
export interface CallbackCard {
  id: string;
  state: "asking_room" | "booked" | "next" | "calling" | "talking" | "late" | "missed" | "unknown" | "cancelling" | "cancelled" | "done" | "closed";
  step: 0 | 1 | 2 | 3; // Booked, Next, Calling, Talking
  title: string; // "Callback booked"
  lead: string; // "Billing calls you in"
  headline: string; // "about 6–9 min"
  promise: string; // "14:38–14:41, by 14:50 at the latest"
  lines: SummaryLine[]; // Your place, We call, About
  can_cancel: boolean;
  can_move: boolean;
  cannot: string | null; // why not: "You are connected. Hang up to end the call."
  calendar: string | null; // path of a calendar entry on Ringback's server; null when it is for no time of its own
  updated_at: string;
}

/**
 * A leg that rings on a page, or talks on it: current state, never a replayed event. `GET` state always wins.
 * `page` is a random id the page makes once per load. Whoever accepts first holds the leg; other tabs see `elsewhere: true`.
 */
export interface CallView {
  leg: string;
  party: "agent" | "customer";
  state: "ringing" | "accepted" | "joined" | "held" | "ended";
  elsewhere: boolean; // another page holds it
  page: string | null; // the page that holds it
  peer_name: string; // "Kim"
  peer_detail: string; // "Billing"
  about: string | null;
  rings_until: string | null;
  joined_at: string | null;
  /** Rises with every renegotiation. The agent's page is always the offerer; a page that sees a higher round drops its RTCPeerConnection and starts again. */
  round: number;
  ended_reason: string | null;
}

/**
 * POST …/calls/{leg}/inputs CallInput → Accepted. Widget: /widget/v1/calls/…; desk: /desk/v1/calls/….
 * `alerted`: this page shows that it rings (sent once per leg, at once: it is the evidence that the device rang).
 * `take` asks to hold the leg from this page after a reload (round rises); `sound` reports that the remote track plays.
 */
export interface CallInput {
  page: string;
  kind: "alerted" | "accept" | "decline" | "hang_up" | "take" | "sound" | "lost" | "hold" | "resume";
  reason?: string;
}

/** POST …/calls/{leg}/signals {page, round, kind, payload} → Accepted. Comes out at the other page as a LiveSignal. */
export interface Signal {
  page: string;
  round: number;
  kind: "offer" | "answer" | "candidate";
  payload: string; // JSON text of RTCSessionDescriptionInit or RTCIceCandidateInit, at most 32 kB
}

/**
 * WebSocket /widget/v1/live. The page speaks first: {"hello": {token, page, after}}; then {"here": true} every 5 s (presence; answered
 * with {"type": "here"}, so that the page notices a connection that died in silence), also {"typing": true}.
 * WebSocket /desk/v1/live and /console/v1/live: the cookie authenticates, {"hello": {page, after: 0}} first.
 * The server sends these. It closes with 4401 (log in again), 4404 (no such chat: open a new one), 4408 (silent for 20 s).
 */
export type WidgetEvent =
  | { type: "snapshot"; snapshot: ChatSnapshot }
  | { type: "message"; message: ChatMessage } // also a changed one: same seq, e.g. its prompt was answered
  | { type: "callback"; callback: CallbackCard | null }
  | { type: "call"; call: CallView | null }
  | { type: "signal"; leg: string; signal: LiveSignal };

export interface LiveSignal {
  id: number; // ascending per leg; GET …/calls/{leg}/signals?after=ID is the polling fallback
  round: number;
  kind: "offer" | "answer" | "candidate";
  payload: string;
}

/* ---------------------------------------------------------------- log-in: /auth/v1, cookie (HttpOnly, SameSite=Strict) */

/** POST /auth/v1/login {email, password} → Me; POST /auth/v1/logout; GET /auth/v1/me → Me (401 when nobody is logged in). */
export interface Me {
  user: string;
  name: string;
  roles: ("agent" | "supervisor" | "admin" | "auditor")[];
  agent: string | null;
  business: { id: string; name: string; zone: string };
}

/* ---------------------------------------------------------------- desk: /desk/v1 */

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

/** GET /desk/v1/transfer-targets → TransferTarget[] */
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
 * calls: the CallInput and Signal posts above under /desk/v1/calls/{leg}
 */

/* ---------------------------------------------------------------- console: /console/v1 */

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
