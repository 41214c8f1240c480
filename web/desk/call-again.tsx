/** When to call again: a date and a time in the business's zone, or as the queue's rule says. */
import { useState } from "preact/hooks";
import type { Problem } from "../shared/contract";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { placeOf } from "../shared/time";
import { instantIn, localDate } from "../shared/zoned";
import { useFrame } from "./frame";

export interface CallAgain {
  byRule: boolean;
  date: string;
  time: string;
  shown: Problem | null;
  set: (change: Partial<Pick<CallAgain, "byRule" | "date" | "time">>) => void;
  instant: () => string | null; // null: as the rule says
  problem: () => Problem | null;
}

export function useCallAgain(): CallAgain {
  const { zone } = useFrame();
  const now = useNow(false);
  const [state, setState] = useState({ byRule: true, date: localDate(now, zone), time: "", shown: null as Problem | null });
  const instant = (): string | null => (state.byRule ? null : instantIn(state.date, state.time, zone));
  const problem = (): Problem | null => {
    if (state.byRule) return null;
    const at = instant();
    if (at === null) return missing("Choose a date and a time, or let the rule choose.");
    return Date.parse(at) <= now ? missing("This time has passed. Choose a later one.") : null;
  };
  return {
    ...state,
    set: (change) => setState((old) => ({ ...old, ...change, shown: null })),
    instant,
    problem: () => {
      const found = problem();
      setState((old) => ({ ...old, shown: found }));
      return found;
    },
  };
}

const missing = (detail: string): Problem => ({ type: "missing", title: "When to call again", status: 0, detail, field: "call_again_at" });

export function CallAgainWhen({ again }: { again: CallAgain }) {
  const { zone } = useFrame();
  const today = localDate(useNow(false), zone);
  return (
    <fieldset class="call-again">
      <legend>When to call again</legend>
      <label class="choice">
        <input type="radio" name="again" checked={again.byRule} onChange={() => again.set({ byRule: true })} />
        As the rule says
      </label>
      <label class="choice">
        <input type="radio" name="again" checked={!again.byRule} onChange={() => again.set({ byRule: false })} />
        At a time
      </label>
      {!again.byRule && (
        <div class="row">
          <div class="field">
            <label for="again-date">Date</label>
            <input
              id="again-date"
              class="input"
              type="date"
              min={today}
              value={again.date}
              aria-invalid={again.shown !== null}
              onInput={(event) => again.set({ date: event.currentTarget.value })}
            />
          </div>
          <div class="field">
            <label for="again-time">Time, {placeOf(zone)}</label>
            <input
              id="again-time"
              class="input"
              type="time"
              value={again.time}
              aria-invalid={again.shown !== null}
              onInput={(event) => again.set({ time: event.currentTarget.value })}
            />
          </div>
        </div>
      )}
      <ProblemLine problem={again.shown} />
    </fieldset>
  );
}
