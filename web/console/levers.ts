/** What a choice of queues means for a lever: which queues change, and how. */
import type { ConsoleQueue } from "../shared/contract";
import type { Levers } from "./commands";

export type Lever = "offering" | "dialling" | "cap";

export interface LeverChange {
  queue: ConsoleQueue;
  levers: Levers;
}

const runs = (lever: "offering" | "dialling", queue: ConsoleQueue): boolean => (lever === "offering" ? queue.offering : queue.dialling);

/** What is chosen when the dialog opens: all to be stopped where none is, none where some are; the only queue for a cap. */
export function firstChoice(lever: Lever, queues: ConsoleQueue[]): ReadonlySet<string> {
  const all = new Set(queues.map((queue) => queue.slug));
  if (lever === "cap") return all.size === 1 ? all : new Set();
  return queues.every((queue) => runs(lever, queue)) ? all : new Set();
}

/** Only queues that would not stay as they are. `chosen`: those to be stopped, or those whose cap is set. */
export function changesOf(lever: Lever, queues: ConsoleQueue[], chosen: ReadonlySet<string>, cap: string): LeverChange[] {
  if (lever === "cap") {
    const wanted = cap.trim() === "" ? null : Number(cap);
    return queues
      .filter((queue) => chosen.has(queue.slug) && queue.backlog_cap !== wanted)
      .map((queue) => ({ queue, levers: { backlog_cap: wanted } }));
  }
  return queues
    .filter((queue) => runs(lever, queue) === chosen.has(queue.slug))
    .map((queue) => {
      const run = !chosen.has(queue.slug);
      return { queue, levers: lever === "offering" ? { offering: run } : { dialling: run } };
    });
}

/** The words on the button that does it: "Stop offering", "Offer again", or both. */
export function stepWords(lever: Lever, changes: LeverChange[]): string {
  if (lever === "cap") return "Change the backlog cap";
  const starts = changes.some(({ levers }) => levers.offering === true || levers.dialling === true);
  const stops = changes.some(({ levers }) => levers.offering === false || levers.dialling === false);
  if (starts && stops) return `Change ${changes.length} queues`;
  if (starts) return lever === "offering" ? "Offer again" : "Dial again";
  return lever === "offering" ? "Stop offering" : "Stop dialling";
}
