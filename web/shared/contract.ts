/**
 * What the pages and the servers say to each other. The Python side is `callback_application_server/wire.py` (widget)
 * and `console/wire.py` (desk, console); a test compares the two.
 * Instants are ISO 8601 with offset (UTC, "Z"); durations are seconds; ids are UUID strings unless said otherwise.
 * Every POST carries `Idempotency-Key: <uuid>`; the same key gives the same answer again.
 * Errors are problem details (RFC 9457): `Problem`.
 */

export * from "./contract-console";
export * from "./contract-desk";

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
  kind: "when" | "day" | "provider" | "confirm" | "readback" | "late" | "missed" | "unknown" | "cancel" | "code" | "rating" | "choice";
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
