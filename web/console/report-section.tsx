/** The report of some days: the score and what stands beside it, each figure with its definition, and the same by group. */
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../shared/contract";
import { problemOf } from "../shared/command";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { duration, placeOf } from "../shared/time";
import { localDate } from "../shared/zoned";
import { useFrame } from "./frame";
import { causeWords, type Division, DIVISION_WORDS, type Figures, linesOf, percentWords, type Report } from "./report";

export function ReportSection({ queue }: { queue: string | null }) {
  const { zone } = useFrame();
  const today = localDate(useNow(false), zone);
  const [days, setDays] = useState({ from: today, to: today });
  const [division, setDivision] = useState<Division>("queue");
  const { report, problem } = useReport(days, queue, division);
  return (
    <div class="report">
      <div class="card report-days">
        <div class="field">
          <label for="report-from">From</label>
          <input
            id="report-from"
            class="input"
            type="date"
            max={today}
            value={days.from}
            onInput={(event) => setDays({ from: event.currentTarget.value, to: days.to < event.currentTarget.value ? event.currentTarget.value : days.to })}
          />
        </div>
        <div class="field">
          <label for="report-to">To, included</label>
          <input
            id="report-to"
            class="input"
            type="date"
            min={days.from}
            max={today}
            value={days.to}
            onInput={(event) => setDays({ ...days, to: event.currentTarget.value })}
          />
        </div>
        <div class="field">
          <label for="report-by">Divided by</label>
          <select
            id="report-by"
            class="input"
            value={division}
            onInput={(event) => setDivision(event.currentTarget.value as Division)}
          >
            {(Object.keys(DIVISION_WORDS) as Division[]).map((each) => (
              <option key={each} value={each}>
                {DIVISION_WORDS[each]}
              </option>
            ))}
          </select>
        </div>
        <a class="button outlined" href={`/api/v1/report/ledger?${new URLSearchParams({ since: days.from, until: days.to, ...(queue === null ? {} : { queue }) })}`} download>
          Download the ledger
        </a>
        <p class="caption">Days of the business, {placeOf(zone)}. A window counts on the day it ends.</p>
        <ProblemLine problem={problem} />
      </div>
      {report === null ? (
        problem === null && (
          <div class="card">
            <div class="loading tall" aria-hidden="true">
              <i />
              <i />
            </div>
          </div>
        )
      ) : (
        <>
          <Headline report={report} />
          <Lines report={report} />
          {report.groups.length > 0 && <Groups report={report} title={DIVISION_WORDS[division]} />}
        </>
      )}
    </div>
  );
}

function Headline({ report }: { report: Report }) {
  const { first } = report.total;
  return (
    <section class="card" aria-label="On time">
      <h2>On time</h2>
      {first.on_time === null ? (
        <p class="no-score">No promise ended in these days.</p>
      ) : (
        <>
          <p class="big-score">{percentWords(first.on_time)}</p>
          <p>
            <b>{first.kept}</b> kept · <b>{first.broken}</b> broken
            {first.broken > 0 && <span class="second">: {causeWords(first.causes)}</span>}
          </p>
        </>
      )}
      <p class="second">{first.withdrawn} withdrawn, not counted</p>
    </section>
  );
}

function Lines({ report }: { report: Report }) {
  return (
    <section class="card">
      <h2 id="figures-title">Every figure, and what it means</h2>
      <div class="table-frame" tabIndex={0} role="region" aria-labelledby="figures-title">
        <table class="table figures">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col">Value</th>
              <th scope="col">Beside it</th>
              <th scope="col">Definition</th>
            </tr>
          </thead>
          <tbody>
            {linesOf(report).map((line) => (
              <tr key={line.name}>
                <th scope="row">{line.name}</th>
                <td class="strong">{line.value}</td>
                <td>{line.beside || "–"}</td>
                <td class="second">{line.definition}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Groups({ report, title }: { report: Report; title: string }) {
  return (
    <section class="card">
      <h2 id="groups-title">By {title.toLowerCase()}</h2>
      <div class="table-frame" tabIndex={0} role="region" aria-labelledby="groups-title">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{title}</th>
              {["On time", "Kept", "Broken", "Withdrawn", "Service level", "Handling time", "Occupancy"].map((figure) => (
                <th key={figure} scope="col" class="number">
                  {figure}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {report.groups.map((group) => (
              <GroupRow key={group.group} group={group} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** An interval is shown by the wall clock with its offset: an hour that comes twice is two. */
function groupWords(group: string): string {
  const interval = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})([+-]\d{2}:\d{2})$/.exec(group);
  if (interval !== null) return `${interval[1]} ${interval[2]} (UTC${interval[3]})`;
  return group === "" ? "without a name" : group;
}

function GroupRow({ group }: { group: Figures }) {
  return (
    <tr>
      <th scope="row">{groupWords(group.group)}</th>
      <td class="number strong">{percentWords(group.first.on_time)}</td>
      <td class="number">{group.first.kept}</td>
      <td class="number">{group.first.broken}</td>
      <td class="number">{group.first.withdrawn}</td>
      <td class="number">{percentWords(group.service_level.share)}</td>
      <td class="number">{group.handling.mean === null ? "no base" : duration(group.handling.mean)}</td>
      <td class="number">{group.occupancy === null ? "–" : percentWords(group.occupancy.occupied)}</td>
    </tr>
  );
}

/** Fetched when the days or the queue change; an answer to an older question is dropped. */
function useReport(
  days: { from: string; to: string },
  queue: string | null,
  division: Division,
): { report: Report | null; problem: Problem | null } {
  const { commands } = useFrame();
  const [report, setReport] = useState<Report | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (days.from === "" || days.to === "") return;
    let wanted = true;
    commands.report(days.from, days.to, queue, division).then(
      (found) => wanted && (setReport(found), setProblem(null)),
      (failure: unknown) => wanted && (setReport(null), setProblem(problemOf(failure))),
    );
    return () => {
      wanted = false;
    };
  }, [days.from, days.to, queue, division]);
  return { report, problem };
}
