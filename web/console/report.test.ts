import assert from "node:assert/strict";
import { test } from "node:test";
import { oneDecimal } from "./decimals";
import { causeWords, linesOf, percentWords, type Report, type ScoreFigures } from "./report";

const none: ScoreFigures = { ended: 0, kept: 0, kept_early: 0, broken: 0, causes: {}, withdrawn: 0, undecided: 0, on_time: null };
const empty: Report = {
  begins: "2026-11-24T00:00:00+00:00",
  ends: "2026-11-25T00:00:00+00:00",
  zone: "Europe/London",
  queue: null,
  by: null,
  groups: [],
  lost: 0,
  rung_twice: 0,
  misjudged: 0,
  total: {
    group: "all",
    first: none,
    retry: none,
    moved: none,
    lateness: { percentiles: { p50: null }, never_rung: 0, of: 0 },
    coverage: { share: null, judged: 0, never_reached: 0, median_width: null },
    service_level: { within: 60, share: null, due: 0, met: 0 },
    handling: { joined: 0, mean: null, unanswered: 0, unanswered_mean: null },
    attempts: { dialled: 0, joined: 0, per_success: null },
    places: { gained: 0, lost: 0, overtaken: 0 },
    occupancy: null,
  },
};
const valueOf = (report: Report, name: string): string | undefined => linesOf(report).find((line) => line.name === name)?.value;

test("without a base there is no number, neither 0 % nor 100 %", () => {
  for (const name of ["Lateness, half of them", "On time", "Service level, 1 min 00 s", "Estimates that held", "Handling time", "Attempts per success", "Occupancy"]) {
    assert.equal(valueOf(empty, name), "no base", name);
  }
});

test("a share is never rounded up to a hundred that it is not", () => {
  assert.equal(oneDecimal(99.97), "99.9");
  assert.equal(oneDecimal(100), "100.0");
  assert.equal(oneDecimal(98.42), "98.4");
  assert.equal(oneDecimal(131.25), "131.3");
});

test("what never rang is said, and not shown as late by nothing", () => {
  const total = { ...empty.total, lateness: { percentiles: { p50: 0, p95: 130, p99: null }, never_rung: 1, of: 40 } };
  const line = linesOf({ ...empty, total }).find(({ name }) => name.startsWith("Lateness"));
  assert.equal(line?.value, "in time");
  assert.equal(line?.beside, "95 %: 2 min 10 s late · 99 %: never rang · 1 of 40 never rang");
});

test("causes are counted in words", () => {
  assert.equal(causeWords({ no_agent: 2, carrier: 1 }), "2 no agent, 1 carrier");
  assert.equal(percentWords(null), "no base");
});

test("retries say why they were broken, on their own line", () => {
  const retry = { ...none, ended: 4, kept: 2, broken: 1, withdrawn: 1, causes: { no_agent: 1 }, on_time: 66.66 };
  const line = linesOf({ ...empty, total: { ...empty.total, retry } }).find(({ name }) => name === "Retries on time");
  assert.equal(line?.value, "66.7 %");
  assert.equal(line?.beside, "2 kept, 1 broken: 1 no agent, 1 withdrawn");
});
