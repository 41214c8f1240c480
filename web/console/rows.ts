/** The console's rows: how a patch changes them, and in which order they are shown while somebody reads. */
import type { ConsoleEvent, ConsoleRow, ConsoleView } from "../shared/contract";

export type Lane = ConsoleRow["lane"];

export const LANES: readonly { lane: Lane; title: string }[] = [
  { lane: "calling", title: "Being called" },
  { lane: "waiting", title: "Waiting" },
  { lane: "promised", title: "Promised" },
  { lane: "asking", title: "Asked in the chat" },
  { lane: "done", title: "Done today" },
];

/** Returns the view after an event; a patch before the first view is ignored, because the whole view follows. */
export function applyEvent(view: ConsoleView | null, event: ConsoleEvent): ConsoleView | null {
  if (event.type === "view") return event.view;
  if (view === null) return null;
  return { ...view, ...event.patch, rows: patchRows(view.rows, event.rows, event.gone) };
}

/** Returns rows with the changed ones replaced in place, new ones at the end, and those gone left out; an unchanged row stays the same object. */
export function patchRows(rows: readonly ConsoleRow[], changed: readonly ConsoleRow[], gone: readonly string[]): ConsoleRow[] {
  const replacement = new Map(changed.map((row) => [row.id, row]));
  const left = new Set(gone.filter((id) => !replacement.has(id)));
  const kept: ConsoleRow[] = [];
  for (const row of rows) {
    if (left.has(row.id)) continue;
    kept.push(replacement.get(row.id) ?? row);
    replacement.delete(row.id);
  }
  return [...kept, ...replacement.values()];
}

/** What the reader has in front of them: each row's place when it was last settled. */
export type Settled = ReadonlyMap<string, Pick<ConsoleRow, "lane" | "order">>;

export function settle(rows: readonly ConsoleRow[]): Settled {
  return new Map(rows.map((row) => [row.id, { lane: row.lane, order: row.order }]));
}

export interface Arrangement {
  lanes: Record<Lane, ConsoleRow[]>;
  held: ConsoleRow[]; // new ones that wait behind "3 new"
}

/**
 * Sorts rows into their lanes. While somebody reads (`settled` given), rows that were not there wait, and rows that stay in
 * their lane keep their place; one that changes lane goes there by its new order.
 */
export function arrange(rows: readonly ConsoleRow[], settled: Settled | null): Arrangement {
  const lanes: Record<Lane, ConsoleRow[]> = { calling: [], waiting: [], promised: [], asking: [], done: [] };
  const held: ConsoleRow[] = [];
  for (const row of rows) {
    if (settled !== null && !settled.has(row.id)) held.push(row);
    else lanes[row.lane].push(row);
  }
  const place = (row: ConsoleRow): string => {
    const before = settled?.get(row.id);
    return before !== undefined && before.lane === row.lane ? before.order : row.order;
  };
  for (const { lane } of LANES) lanes[lane].sort((a, b) => compare(place(a), place(b)) || compare(a.id, b.id));
  return { lanes, held };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a row answers the search: every word of it occurs in what the row shows. */
export function matches(row: ConsoleRow, search: string): boolean {
  const text = [row.customer, row.about ?? "", row.queue, row.promise, row.agent ?? "", row.why].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The rows an overview shows of a lane: the first ones and all that are at risk. */
export function headOf(rows: readonly ConsoleRow[], first: number): ConsoleRow[] {
  return rows.filter((row, index) => index < first || isAtRisk(row));
}

export function isAtRisk(row: ConsoleRow): boolean {
  return row.lane !== "done" && row.chance !== null && percent(row.chance) < 50;
}

/** Chances arrive as 0–1; people read whole per cents. */
export function percent(chance: number): number {
  return Math.round(chance * 100);
}
