/** Rules over the messages of a chat: merging what arrives, what to resume after, which one card is live. */
import type { CallbackCard, CallView, ChatMessage } from "../shared/contract";

/** Newer messages replace older ones of the same number; the result ascends without duplicates. */
export function merge(known: ChatMessage[], arrived: ChatMessage[]): ChatMessage[] {
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  for (const message of arrived) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** A message came whose forerunner did not: something was missed in between. */
export function hasGap(known: ChatMessage[], arrived: ChatMessage): boolean {
  const last = known.at(-1)?.seq ?? 0;
  return arrived.seq > last + 1;
}

/** Ask for what follows; an open prompt is asked for again, since it may have been answered meanwhile. */
export function resumeAfter(messages: ChatMessage[]): number {
  const open = messages.find((message) => message.prompt && message.prompt.answered === null);
  return open ? open.seq - 1 : (messages.at(-1)?.seq ?? 0);
}

export type LiveCard =
  | { kind: "call"; call: CallView }
  | { kind: "prompt"; message: ChatMessage }
  | { kind: "callback"; callback: CallbackCard }
  | null;

const OVER = new Set<CallbackCard["state"]>(["done", "cancelled", "closed"]);

/** One card is live at a time: a call before a question, a question before the state of the callback. */
export function liveCard(messages: ChatMessage[], callback: CallbackCard | null, call: CallView | null): LiveCard {
  if (call && call.state !== "ended") return { kind: "call", call };
  const prompt = messages.findLast((message) => message.prompt);
  if (prompt?.prompt?.answered === null) return { kind: "prompt", message: prompt };
  if (callback && !OVER.has(callback.state)) return { kind: "callback", callback };
  return null;
}

/** A prompt that itself tells the state of the callback: the card then does not repeat it. */
export function tellsState(message: ChatMessage): boolean {
  return ["late", "missed", "unknown", "cancel"].includes(message.prompt?.kind ?? "");
}

/** The state of a callback or call hangs under the last line or prompt that told of it, or at the end. */
export function anchor(messages: ChatMessage[]): number | null {
  return messages.findLast((message) => (message.author === "system" && message.status) || tellsState(message))?.seq ?? null;
}
