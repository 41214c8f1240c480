/** What a choice of queues means for a lever: which queues change, and how. */
import type { ConsoleQueue } from "../shared/contract";
import type { Levers } from "./commands";

export type Lever = "offering" | "dialling" | "waitlist" | "cap" | "wait" | "close" | "incident";
export type Switch = "offering" | "dialling" | "waitlist";

export interface LeverChange {
  queue: ConsoleQueue;
  levers: Levers;
}

/** What is typed beside the queues: a number, minutes, the words of an incident, or the instants of closing and opening again. */
export interface Typed {
  text: string;
  reopen?: string | null;
}

export const isSwitch = (lever: Lever): lever is Switch => lever === "offering" || lever === "dialling" || lever === "waitlist";

/** Whether a switch is on as the card shows it: stopped, or a waitlist kept. */
export function isOn(lever: Switch, queue: ConsoleQueue): boolean {
  if (lever === "waitlist") return queue.waitlist;
  return lever === "offering" ? !queue.offering : !queue.dialling;
}

/** What is chosen when the dialog opens: all where none is on, none where some are; of the others the only queue, or those it is set for. */
export function firstChoice(lever: Lever, queues: ConsoleQueue[]): ReadonlySet<string> {
  const all = new Set(queues.map((queue) => queue.slug));
  if (isSwitch(lever)) return queues.every((queue) => !isOn(lever, queue)) ? all : new Set();
  const set = queues.filter((queue) => isSet(lever, queue)).map((queue) => queue.slug);
  return all.size === 1 ? all : new Set(lever === "close" || lever === "incident" ? set : []);
}

/** Whether a queue has a closure or an incident that can be taken back. */
export function isSet(lever: Lever, queue: ConsoleQueue): boolean {
  return lever === "close" ? queue.shut_line !== null : lever === "incident" && queue.incident !== null;
}

/** Only queues that would not stay as they are. `chosen`: those where the switch is on, or for which something is set. */
export function changesOf(lever: Lever, queues: ConsoleQueue[], chosen: ReadonlySet<string>, typed: Typed): LeverChange[] {
  if (isSwitch(lever)) {
    return queues.filter((queue) => isOn(lever, queue) !== chosen.has(queue.slug)).map((queue) => ({ queue, levers: switched(lever, chosen.has(queue.slug)) }));
  }
  const text = typed.text.trim();
  const wanted = queues.filter((queue) => chosen.has(queue.slug));
  const change = (levers: Levers, differs: (queue: ConsoleQueue) => boolean): LeverChange[] => wanted.filter(differs).map((queue) => ({ queue, levers }));
  switch (lever) {
    case "cap": {
      const cap = text === "" ? null : Number(text);
      return change({ backlog_cap: cap }, (queue) => queue.backlog_cap !== cap);
    }
    case "wait": {
      const cap = text === "" ? null : Number(text) * 60;
      return change({ wait_cap: cap }, (queue) => queue.wait_cap !== cap);
    }
    case "close":
      if (text === "") return change({ close_at: null }, (queue) => queue.shut_line !== null);
      return change({ close_at: text, ...(typed.reopen ? { reopen_at: typed.reopen } : {}) }, () => true);
    case "incident":
      return change({ incident: text === "" ? null : text }, (queue) => (queue.incident ?? "") !== text);
  }
}

function switched(lever: Switch, on: boolean): Levers {
  if (lever === "waitlist") return { waitlist: on };
  return lever === "offering" ? { offering: !on } : { dialling: !on };
}

const SET_WORDS: Record<Exclude<Lever, Switch>, [set: string, taken: string]> = {
  cap: ["Change the backlog cap", "Remove the backlog cap"],
  wait: ["Change the cut-off", "Remove the cut-off"],
  close: ["Close early", "Open by the hours again"],
  incident: ["Announce the incident", "End the incident"],
};

/** The words on the button that does it: "Stop offering", "Offer again", or both. */
export function stepWords(lever: Lever, changes: LeverChange[]): string {
  if (!isSwitch(lever)) {
    const removed = changes.length > 0 && changes.every(({ levers }) => Object.values(levers).every((value) => value === null));
    return SET_WORDS[lever][removed ? 1 : 0];
  }
  const on = changes.some(({ queue }) => !isOn(lever, queue));
  const off = changes.some(({ queue }) => isOn(lever, queue));
  if (on && off) return `Change ${changes.length} queues`;
  if (lever === "waitlist") return off ? "Keep no waitlist" : "Keep a waitlist";
  if (off) return lever === "offering" ? "Offer again" : "Dial again";
  return lever === "offering" ? "Stop offering" : "Stop dialling";
}
