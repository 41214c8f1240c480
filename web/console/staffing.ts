/** The next hours' slots as a chart shows them: sizes of bars, where room changes, and the sentence that says the same. */
import type { ConsoleView } from "../shared/contract";

export type Slot = ConsoleView["staffing"][number];

export interface Scale {
  top: number; // the highest value drawn
  ticks: number[];
}

/** Whole numbers only, at most six lines. */
export function scaleOf(slots: readonly Slot[]): Scale {
  const highest = Math.max(1, ...slots.map((slot) => Math.max(slot.promised, slot.closed ? 0 : slot.room)));
  const step = Math.max(1, Math.ceil(highest / 5));
  const top = Math.ceil(highest / step) * step;
  return { top, ticks: Array.from({ length: top / step + 1 }, (_, index) => index * step) };
}

export function shortBy(slot: Slot): number {
  return slot.closed ? 0 : Math.max(0, slot.promised - slot.room);
}

export function promisedIn(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + slot.promised, 0);
}

/** Runs of neighbouring closed slots, as first and last index. */
export function closedRuns(slots: readonly Slot[]): [number, number][] {
  const runs: [number, number][] = [];
  slots.forEach((slot, index) => {
    if (!slot.closed) return;
    const last = runs.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  });
  return runs;
}

/** The chart's name: what a look at it tells. */
export function sentence(slots: readonly Slot[], at: (instant: string) => string): string {
  const short = slots.filter((slot) => shortBy(slot) > 0);
  const shortWords =
    short.length === 0 ? "No slot is short." : `Short: ${short.map((slot) => `${at(slot.slot)} by ${shortBy(slot)}`).join(", ")}.`;
  const closed = slots.find((slot) => slot.closed);
  return `${promisedIn(slots)} promised in the next 4 hours. ${shortWords}${closed === undefined ? "" : ` Closed from ${at(closed.slot)}.`}`;
}

/** Where an instant lies on the axis, in slots from its left end; null when outside. */
export function positionOf(instant: number, slots: readonly Slot[]): number | null {
  const first = slots[0];
  const second = slots[1];
  if (first === undefined || second === undefined) return null;
  const start = Date.parse(first.slot);
  const position = (instant - start) / (Date.parse(second.slot) - start);
  return position >= 0 && position <= slots.length ? position : null;
}
