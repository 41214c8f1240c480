/** Small wordings of the desk that depend on who the customer is and on the time. */
import type { DeskCallback, NextCallback } from "../shared/contract";

type Customer = DeskCallback["customer"];

/** "Dana" of "Dana W."; "the customer" where only a number is known. */
export function firstName(name: string): string {
  return /^customer\b/i.test(name) ? "the customer" : (name.trim().split(/\s+/)[0] ?? name);
}

export function atStart(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "Dana’s phone": what rings when the agent accepts. */
export function whatRings(customer: Customer): string {
  const device = /browser|page|chat/i.test(customer.where) ? "page" : "phone";
  return `${firstName(customer.name)}’s ${device}`;
}

/** "in 3 min" under an hour, "now" when due, else the day where it is not today. */
export function relative(at: string, now: number, zone: string): string {
  const minutes = Math.round((Date.parse(at) - now) / 60_000);
  if (minutes <= 0) return "now";
  if (minutes < 60) return `in ${minutes} min`;
  return dayOf(Date.parse(at), now, zone);
}

/** "today", "tomorrow", or "Wed 25" within the week, in the business's zone. */
export function dayOf(instant: number, now: number, zone: string): string {
  const day = (at: number): string => new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(at);
  if (day(instant) === day(now)) return "today";
  const parts = new Intl.DateTimeFormat(undefined, { timeZone: zone, weekday: "short", day: "numeric", month: "short" }).formatToParts(instant);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  const near = instant - now < 6 * 86_400_000;
  return near ? `${part("weekday")} ${part("day")}` : `${part("weekday")} ${part("day")} ${part("month")}`;
}

/** The sentences under "Nothing is ringing": what comes next, and what then. */
export function whatComes([next, then]: readonly NextCallback[], clock: (at: string) => string, now: number, zone: string): string {
  if (next === undefined) return "Nothing planned for you. New ones appear here.";
  const inWords = ({ at }: NextCallback): string => {
    const when = relative(at, now, zone);
    return when === "now" ? "now" : when.startsWith("in ") ? `in about ${when.slice(3)}` : `${when} at ${clock(at)}`;
  };
  const held =
    next.held_from === null ? "" : ` From ${clock(next.held_from)} you are held for ${firstName(next.customer)}, and no new chats reach you.`;
  const after = then === undefined ? "" : ` Then ${then.customer}, ${inWords(then)}.`;
  return `Next is ${next.customer}, ${inWords(next)}.${after}${held}`;
}
