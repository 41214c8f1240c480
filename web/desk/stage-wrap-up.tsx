/** How did it end: one outcome with what it does, notes, once more time; when the time is up the choice is saved. */
import { useEffect, useRef, useState } from "preact/hooks";
import { announceNow } from "../shared/announcer";
import { useCommand } from "../shared/command";
import type { DeskCallback, Problem } from "../shared/contract";
import { Icon } from "../shared/icons";
import { ProblemLine } from "../shared/problem-line";
import { Key, useKeyName, useShortcuts, type Bindings } from "../shared/shortcuts";
import { secondsUntil, useNow } from "../shared/ticking";
import { CallAgainWhen, useCallAgain } from "./call-again";
import { useFrame } from "./frame";
import { type Notes, NotesField } from "./notes";

interface WrapUpStageProps {
  current: DeskCallback;
  notes: Notes;
  online: boolean;
}

type Outcome = DeskCallback["dispositions"][number];

/** Sent this many seconds before the server would close the wrap-up without an outcome. */
const SAVE_BEFORE_END = 2;

export function WrapUpStage({ current, notes, online }: WrapUpStageProps) {
  const { store, at } = useFrame();
  const finishing = useCommand();
  const asking = useCommand();
  const [code, setCode] = useState<string | null>(null);
  const [missing, setMissing] = useState<Problem | null>(null);
  const firstOutcome = useRef<HTMLInputElement>(null);
  const again = useCallAgain();
  const left = current.wrap_up_until === null ? null : secondsUntil(current.wrap_up_until, useNow());
  const whole = current.wrap_up_until === null ? null : Math.round((Date.parse(current.wrap_up_until) - Date.parse(current.stage_since)) / 1000);
  const chosen = current.dispositions.find((outcome) => outcome.code === code);
  const kept = store.outbox.has(current.attempt);

  const send = async (): Promise<void> => {
    if (chosen === undefined) return;
    const callAgainAt = asksWhen(chosen) ? again.instant() : null;
    await finishing.run(async () => {
      await store.finish(current.attempt, {
        code: chosen.code,
        ...(notes.text.trim() === "" ? {} : { note: notes.text.trim() }),
        ...(callAgainAt === null ? {} : { call_again_at: callAgainAt }),
      });
    });
  };
  const finish = (): void => {
    const problem = chosen === undefined ? MISSING_OUTCOME : asksWhen(chosen) ? again.problem() : null;
    setMissing(problem);
    if (problem === null) void send();
    else if (problem === MISSING_OUTCOME) firstOutcome.current?.focus();
  };
  const moreTime = (): void => {
    if (!current.more_time_used) void asking.run(() => store.moreTime(current.attempt));
  };
  const choose = (outcome: Outcome): void => {
    setCode(outcome.code);
    setMissing(null);
  };

  const bindings: Bindings = { "+": current.more_time_used ? undefined : moreTime, "Control+Enter": finish };
  current.dispositions.slice(0, 9).forEach((outcome, index) => {
    bindings[String(index + 1)] = () => choose(outcome);
  });
  useShortcuts(bindings);

  useEffect(() => {
    if (left === 10) announceNow("10 seconds left to wrap up");
    if (left === SAVE_BEFORE_END && chosen !== undefined && !kept) void send();
  }, [left]);

  return (
    <section class="card stage-card wrap-up" aria-labelledby="wrap-up-title">
      <div class="wrap-up-head">
        <div>
          <h1 id="wrap-up-title">How did it end?</h1>
          <p class="second">
            {current.customer.name} · ended {at(current.stage_since)} · promised {current.promised.charAt(0).toLowerCase() + current.promised.slice(1)}
          </p>
        </div>
        {left !== null && (
          <div class="wrap-up-left" role="timer" aria-live="off" aria-label={`${left} seconds left`}>
            <b>
              {Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")}
            </b>
            <span class="caption">left of {whole} s</span>
          </div>
        )}
        <button
          type="button"
          class="button outlined"
          aria-disabled={current.more_time_used || asking.busy}
          onClick={moreTime}
          {...useKeyName("+")}
        >
          <Icon name="clock" size={16} />
          {current.more_time_used ? "More time was given" : "More time"}
          {!current.more_time_used && <Key of="+" />}
        </button>
      </div>
      {left !== null && whole !== null && <TimeBar share={left / Math.max(1, whole)} />}
      <ProblemLine problem={asking.problem} />
      <fieldset class="outcomes" aria-describedby="outcome-problem">
        <legend>Outcome</legend>
        {current.dispositions.map((outcome, index) => (
          <label key={outcome.code} class={outcome.code === code ? "outcome chosen" : "outcome"}>
            <input
              ref={index === 0 ? firstOutcome : null}
              type="radio"
              name="outcome"
              checked={outcome.code === code}
              onChange={() => choose(outcome)}
            />
            <span>
              {outcome.label}
              <span class="second dense">{outcome.effect}</span>
            </span>
            {index < 9 && <Key of={String(index + 1)} />}
          </label>
        ))}
      </fieldset>
      {chosen !== undefined && asksWhen(chosen) && <CallAgainWhen again={again} />}
      <NotesField notes={notes} />
      <div class="row">
        <button type="button" class="button filled large" aria-disabled={finishing.busy} onClick={finish} aria-keyshortcuts="Control+Enter">
          {finishing.busy ? "Saving…" : "Finish"}
          <kbd aria-hidden="true">Ctrl Enter</kbd>
        </button>
        <span class="second dense">{whatHappens(chosen, kept, online, left !== null)}</span>
      </div>
      <ProblemLine problem={missing ?? finishing.problem} id="outcome-problem" />
    </section>
  );
}

const MISSING_OUTCOME: Problem = { type: "missing", title: "Outcome missing", status: 0, detail: "Choose how it ended first." };

/** The outcome that calls again takes a time of the agent's choosing; its words come from the queue's own list. */
function asksWhen(outcome: Outcome): boolean {
  return outcome.code === "call_again" || outcome.effect.startsWith("We call again");
}

function whatHappens(chosen: Outcome | undefined, kept: boolean, online: boolean, timed: boolean): string {
  if (kept) return "The outcome is kept on this page and is sent when connected.";
  if (!online) return "Connection lost: Finish keeps the outcome here and sends it when connected.";
  if (!timed) return "";
  if (chosen === undefined) return "When the time is up you are available again, without an outcome.";
  return `When the time is up, “${chosen.label}” is saved and you are available.`;
}

function TimeBar({ share }: { share: number }) {
  return (
    <svg class="time-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="4" />
      <rect class="bar" width={100 * Math.min(1, Math.max(0, share))} height="4" />
    </svg>
  );
}
