/** What GET /api/v1/report answers, and each figure in words: shares in per cent, durations in seconds, nothing without a base. */
import { duration } from "../shared/time";
import { oneDecimal } from "./decimals";

export interface ScoreFigures {
  ended: number;
  kept: number;
  kept_early: number;
  broken: number;
  causes: Record<string, number>;
  withdrawn: number;
  undecided: number;
  on_time: number | null;
}

export interface Figures {
  group: string;
  first: ScoreFigures;
  retry: ScoreFigures;
  moved: ScoreFigures;
  lateness: { percentiles: Record<string, number | null>; never_rung: number; of: number };
  coverage: { share: number | null; judged: number; never_reached: number; median_width: number | null };
  service_level: { within: number; share: number | null; due: number; met: number };
  handling: { joined: number; mean: number | null; unanswered: number; unanswered_mean: number | null };
  attempts: { dialled: number; joined: number; per_success: number | null };
  places: { gained: number; lost: number; overtaken: number };
  occupancy: { occupied: number | null; held: number | null; staffed_hours: number } | null;
}

export interface Report {
  begins: string;
  ends: string;
  zone: string;
  queue: string | null;
  total: Figures;
  by: string | null;
  groups: Figures[];
  lost: number;
  rung_twice: number;
  misjudged: number;
}

/** How the figures can be divided, and what is asked for that. */
export const DIVISIONS = {
  none: {},
  queue: { by: "queue" },
  channel: { by: "channel" },
  provider: { by: "provider" },
  quarter: { by: "interval", interval: "15min" },
  "half hour": { by: "interval", interval: "30min" },
  day: { by: "interval", interval: "day" },
} as const;
export type Division = keyof typeof DIVISIONS;

export const DIVISION_WORDS: Record<Division, string> = {
  none: "Not divided",
  queue: "Queue",
  channel: "Channel",
  provider: "Callback provider",
  quarter: "15 minutes",
  "half hour": "30 minutes",
  day: "Day",
};

export interface Line {
  name: string;
  value: string;
  beside: string;
  definition: string;
}

export function percentWords(share: number | null): string {
  return share === null ? "no base" : `${oneDecimal(share)} %`;
}

export function causeWords(causes: Record<string, number>): string {
  return Object.entries(causes)
    .map(([cause, count]) => `${count} ${cause.replaceAll("_", " ")}`)
    .join(", ");
}

function late(seconds: number | null | undefined, of: number): string {
  if (of === 0) return "no base";
  if (seconds === undefined) return "–";
  if (seconds === null) return "never rang";
  return seconds === 0 ? "in time" : `${duration(seconds)} late`;
}

const beside = (score: ScoreFigures): string =>
  `${score.kept} kept, ${score.broken} broken${score.broken === 0 ? "" : `: ${causeWords(score.causes)}`}, ${score.withdrawn} withdrawn`;
const mean = (seconds: number | null): string => (seconds === null ? "no base" : duration(seconds));
const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

/** The lines of the report, each with its definition: figures mean nothing without it. */
export function linesOf(report: Report): Line[] {
  const { first, retry, moved, lateness, coverage, service_level: service, handling, attempts, places, occupancy } = report.total;
  return [
    {
      name: "On time",
      value: percentWords(first.on_time),
      beside: `${first.kept} kept (${first.kept_early} early), ${first.broken} broken`,
      definition: "Kept ÷ (kept + broken), over first promises whose window ended in these days.",
    },
    {
      name: "Broken, by cause",
      value: String(first.broken),
      beside: causeWords(first.causes) || "none",
      definition: "Never dialled, expired, closed by us, no agent, carrier, not known, or changed after our notice; one cause each.",
    },
    {
      name: "Withdrawn",
      value: String(first.withdrawn),
      beside: first.undecided === 0 ? "" : `${first.undecided} not decided yet`,
      definition: "Cancelled or moved by the customer before the end and before any notice of ours; outside the ratio.",
    },
    {
      name: "Retries on time",
      value: percentWords(retry.on_time),
      beside: beside(retry),
      definition: "The same ratio for the promises of later tries.",
    },
    {
      name: "Moved on time",
      value: percentWords(moved.on_time),
      beside: beside(moved),
      definition: "The same ratio for promises given when a callback was moved.",
    },
    {
      name: "Lateness, half of them",
      value: late(lateness.percentiles["p50"], lateness.of),
      beside: `95 %: ${late(lateness.percentiles["p95"], lateness.of)} · 99 %: ${late(lateness.percentiles["p99"], lateness.of)} · ${lateness.never_rung} of ${lateness.of} never rang`,
      definition: "First ring after the window’s end, over kept and broken; never rung counts as endless.",
    },
    {
      name: `Service level, ${duration(service.within)}`,
      value: percentWords(service.share),
      beside: `${service.met} of ${service.due}`,
      definition: "Joined within that time of the request or of the window’s start ÷ all due and not withdrawn.",
    },
    {
      name: "Estimates that held",
      value: percentWords(coverage.share),
      beside: `${coverage.judged} judged, ${coverage.never_reached} never reached, median width ${mean(coverage.median_width)}`,
      definition: "Estimates whose 10–90 % range held the first moment an agent was ready for that place.",
    },
    {
      name: "Handling time",
      value: mean(handling.mean),
      beside: `${count(handling.joined, "call", "calls")}; ${count(handling.unanswered, "try", "tries")} without answer, ${mean(handling.unanswered_mean)}`,
      definition: "From accept to the end of wrap-up, per joined callback; unanswered tries apart.",
    },
    {
      name: "Attempts per success",
      value: attempts.per_success === null ? "no base" : attempts.per_success.toFixed(2),
      beside: `${attempts.dialled} dialled, ${count(attempts.joined, "callback", "callbacks")} joined`,
      definition: "How often customers were dialled ÷ the callbacks that were joined.",
    },
    {
      name: "Places",
      value: `${places.gained} gained, ${places.lost} lost`,
      beside: `${count(places.overtaken, "callback was", "callbacks were")} overtaken`,
      definition: "Places in line gained by being called before others, and lost by being overtaken; who and why stands in each callback’s history.",
    },
    {
      name: "Occupancy",
      value: percentWords(occupancy?.occupied ?? null),
      beside: occupancy === null ? "" : `held ${percentWords(occupancy.held)}, ${duration(3600 * occupancy.staffed_hours)} staffed`,
      definition: "(Ringing + talk + hold + wrap-up + chats by capacity) ÷ (logged in − paused); held apart.",
    },
    {
      name: "Lost",
      value: String(report.lost),
      beside: "is to be 0",
      definition: "The customer was shown yes and there is no callback, or nothing will wake an open one.",
    },
    {
      name: "Rung twice",
      value: String(report.rung_twice),
      beside: "is to be 0",
      definition: "Two customer legs of one callback that both may have rung and should not both have.",
    },
    {
      name: "Judged differently",
      value: String(report.misjudged),
      beside: "is to be 0",
      definition: "Promises whose recorded result is not what their own facts give when they are judged again.",
    },
  ];
}
