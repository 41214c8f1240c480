/** Dates and times as typed into fields, in the business's zone rather than the browser's. */
import { offset } from "./time";

/** The date there at an instant, as a date field has it: "2026-11-24". */
export function localDate(instant: number, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(instant);
}

/**
 * The instant of a date ("2026-11-24") and time ("15:15") there, or null where one is missing. A time that a clock change
 * skips becomes the one an hour later; of one that comes twice the first is meant.
 */
export function instantIn(date: string, time: string, zone: string): string | null {
  const wall = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(wall)) return null;
  const before = wall - offset(zone, new Date(wall - 86_400_000)) * 60_000;
  const after = wall - offset(zone, new Date(wall + 86_400_000)) * 60_000;
  const holds = (instant: number): boolean => instant + offset(zone, new Date(instant)) * 60_000 === wall;
  return new Date(holds(before) || !holds(after) ? before : after).toISOString();
}
