/**
 * Times, ranges, durations and zones as people read them. Instants come as ISO 8601; what is shown follows the page's
 * locale and the zone it is given. Ranges use an en dash without spaces.
 */

export function clock(instant: string | Date, zone?: string, locale?: string): string {
  return format({ hour: "2-digit", minute: "2-digit" }, zone, locale).format(new Date(instant));
}

/** "14:38–14:41" */
export function range(from: string, to: string, zone?: string, locale?: string): string {
  return `${clock(from, zone, locale)}–${clock(to, zone, locale)}`;
}

/** "Today", "Tomorrow, Wed 25 Nov", "Fri 27 Nov": the weekday always stands with a date that is not today. */
export function day(instant: string | Date, now: string | Date, zone?: string, locale?: string): string {
  const away = daysBetween(now, instant, zone);
  if (away === 0) return "Today";
  const parts = format({ weekday: "short", day: "numeric", month: "short" }, zone, locale).formatToParts(new Date(instant));
  const date = parts
    .filter((part) => part.type !== "literal")
    .map((part) => part.value)
    .join(" ");
  return away === 1 ? `Tomorrow, ${date}` : date;
}

/** A running timer: "02:14", from an hour on "1:02:14". */
export function timer(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** A finished duration: "12 s", "6 min 08 s", "1 h 02 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, "0")} min`;
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Minutes that a zone is ahead of UTC at an instant. */
export function offset(zone: string, at: string | Date): number {
  const parts = format({ timeZoneName: "longOffset" }, zone, "en-US").formatToParts(new Date(at));
  const [, sign, hours, minutes] = /([+-])(\d+):(\d+)/.exec(parts.find((part) => part.type === "timeZoneName")?.value ?? "") ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) : 0;
}

/** "America/New_York" is New York. */
export function placeOf(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}

function daysBetween(from: string | Date, to: string | Date, zone?: string): number {
  const date = (instant: string | Date) => {
    const parts = format({ year: "numeric", month: "numeric", day: "numeric" }, zone, "en-US").formatToParts(new Date(instant));
    const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
    return Date.UTC(value("year"), value("month") - 1, value("day"));
  };
  return Math.round((date(to) - date(from)) / 86_400_000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, zone?: string, locale = "en-GB"): Intl.DateTimeFormat {
  const key = JSON.stringify([options, zone, locale]);
  let known = formats.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(locale, zone ? { ...options, timeZone: zone } : options);
    formats.set(key, known);
  }
  return known;
}
