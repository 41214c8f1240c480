/** The opened row: why this agent, why this time, what happened so far, and what can be done. */
import { useEffect, useState } from "preact/hooks";
import type { ConsoleDetail, ConsoleRow, Problem } from "../shared/contract";
import { problemOf } from "../shared/command";
import { Icon, type IconName } from "../shared/icons";
import { ProblemLine } from "../shared/problem-line";
import type { Asked } from "./act-dialog";
import type { Action } from "./commands";
import { useFrame } from "./frame";
import { Recordings } from "./recordings";

const MARKS: Record<"yes" | "no" | "info", { icon: IconName; tone: string; word: string }> = {
  yes: { icon: "check", tone: "ok-text", word: "yes:" },
  no: { icon: "cross", tone: "bad-text", word: "no:" },
  info: { icon: "info", tone: "second", word: "note:" },
};
const ACTIONS: readonly [Action, keyof ConsoleDetail["can"], string, string][] = [
  ["move", "move", "Move", "button outlined small"],
  ["reassign", "reassign", "Reassign", "button outlined small"],
  ["call-next", "call_next", "Call next", "button outlined small"],
  ["cancel", "cancel", "Cancel", "button quiet-bad small"],
];

export function RowDetail({ row, mayAct, onAct }: { row: ConsoleRow; mayAct: boolean; onAct: (asked: Asked) => void }) {
  const { at } = useFrame();
  const { detail, problem } = useDetail(row);
  if (detail === null) {
    return (
      <div class="row-detail">
        {problem === null ? (
          <div class="loading" aria-hidden="true">
            <i />
            <i />
            <i />
          </div>
        ) : (
          <ProblemLine problem={problem} />
        )}
      </div>
    );
  }
  const can = ACTIONS.filter(([, right]) => mayAct && detail.can[right]);
  return (
    <div class="row-detail">
      <p class="all-facts dense">
        {[row.about, row.promise, row.agent, row.why].filter((fact) => fact !== null && fact !== "").join(" · ")}
      </p>
      {detail.reasons.map((reason) => (
        <section key={reason.title}>
          <h2>{reason.title}</h2>
          <ul>
            {reason.items.map((item, index) => (
              <li key={`${index} ${item.text}`}>
                <span class={MARKS[item.mark].tone}>
                  <Icon name={MARKS[item.mark].icon} size={16} label={MARKS[item.mark].word} />
                </span>
                {item.text}
              </li>
            ))}
          </ul>
        </section>
      ))}
      <section>
        <h2>What was decided, and what happened</h2>
        {detail.history.length === 0 && <p class="second dense">Nothing yet.</p>}
        <ul>
          {detail.history.map((one, index) => (
            <li key={`${index} ${one.at}`}>
              <span class="second">
                <Icon name="clock" size={16} />
              </span>
              <div>
                <time dateTime={one.at}>{at(one.at)}</time> {one.text}
                {one.because.length > 0 && (
                  <details class="because">
                    <summary>From what</summary>
                    <ul>
                      {one.because.map((reason, number) => (
                        <li key={`${number} ${reason}`}>{reason}</li>
                      ))}
                    </ul>
                  </details>
                )}
              </div>
            </li>
          ))}
        </ul>
        {detail.transcript.length > 0 && (
          <details class="chat">
            <summary>The chat, {detail.transcript.length} lines</summary>
            <ul>
              {detail.transcript.map((message) => (
                <li key={message.seq}>
                  <span>
                    <span class="second">
                      {at(message.at)} {message.author_name ?? { customer: row.customer, assistant: "Assistant", agent: "Agent", system: "" }[message.author]}
                    </span>{" "}
                    {message.text}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )}
        <Recordings callback={row.id} changed={`${row.state} ${row.lane}`} />
        {can.length > 0 && (
          <div class="row-acts">
            {can.map(([action, , words, style]) => (
              <button key={action} type="button" class={style} onClick={() => onAct({ action, callbacks: [{ id: row.id, customer: row.customer }] })}>
                {words}
                <span class="visually-hidden"> {row.customer}</span>
              </button>
            ))}
          </div>
        )}
        {mayAct && detail.cannot !== null && <p class="dense second">{detail.cannot}</p>}
      </section>
    </div>
  );
}

/** Fetched when the row is opened and again when the row changes; what is shown stays until the new one is there. */
function useDetail(row: ConsoleRow): { detail: ConsoleDetail | null; problem: Problem | null } {
  const { store } = useFrame();
  const [detail, setDetail] = useState<ConsoleDetail | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    store.detail(row.id).then(
      (found) => {
        if (!wanted) return;
        setDetail(found);
        setProblem(null);
      },
      (failure: unknown) => wanted && setProblem(problemOf(failure)),
    );
    return () => {
      wanted = false;
    };
  }, [row.id, row.lane, row.state, row.promise, row.agent, row.why]);
  return { detail, problem };
}
