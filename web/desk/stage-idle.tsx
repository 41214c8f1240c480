/** Between callbacks: what comes next, what can be done about it now, and what was done today. */
import type { DeskView, NextCallback } from "../shared/contract";
import { useCommand } from "../shared/command";
import { Icon } from "../shared/icons";
import { ProblemLine } from "../shared/problem-line";
import { Key, useKeyName, useShortcuts } from "../shared/shortcuts";
import { useNow } from "../shared/ticking";
import { DoneToday } from "./done-today";
import { useFrame } from "./frame";
import { firstName, relative, whatComes } from "./words";

interface IdleStageProps {
  view: DeskView;
  chosen: NextCallback | undefined;
  passed: string | null; // what became of the callback that rang here last
}

export function IdleStage({ view, chosen, passed }: IdleStageProps) {
  const { at, zone, store } = useFrame();
  const { unsaved, callAgain } = store.snapshot;
  const now = useNow();
  const command = useCommand();
  const becomeAvailable = (): void => void command.run(() => store.setState("available"));
  const { name, reason } = view.state;

  let title = "Nothing is ringing";
  let lead = whatComes(view.next, at, now, zone);
  let back: string | null = null;
  if (name === "not_responding") {
    title = "You did not answer";
    lead = "You are set to “Not responding”. The callback went to the next agent, and nothing rings here until you are available again.";
    back = "Be available again";
  } else if (name === "paused") {
    title = reason === null ? "You are paused" : `You are paused: ${reason.toLowerCase()}`;
    lead = "Nothing rings here. Promises held for you go to the next agent first.";
    back = "Be available again";
  } else if (name === "offline") {
    title = "You are offline";
    lead = "Nothing rings here until you are available.";
    back = "Be available";
  }

  return (
    <>
      <div class="stage-head">
        <h1>{title}</h1>
        {passed !== null && <p>{passed}</p>}
        {callAgain !== null && (
          <p class={callAgain.booked === false ? "with-icon bad-text" : "with-icon second"} role={callAgain.booked === false ? "alert" : "status"}>
            <Icon name={callAgain.booked === null ? "clock" : callAgain.booked ? "check" : "triangle"} size={16} />
            {callAgain.words}
          </p>
        )}
        <p class="second">{lead}</p>
        <ProblemLine problem={unsaved === null ? null : { ...unsaved, detail: `The last outcome was not saved: ${unsaved.detail || unsaved.title}` }} />
        {back !== null && (
          <button type="button" class="button filled" onClick={becomeAvailable}>
            {back}
          </button>
        )}
        <ProblemLine problem={command.problem} />
      </div>
      {chosen !== undefined && <NextCard next={chosen} free={back === null} />}
      <DoneToday done={view.done_today} />
    </>
  );
}

function NextCard({ next, free }: { next: NextCallback; free: boolean }) {
  const { at, zone, store } = useFrame();
  const now = useNow();
  const command = useCommand();
  const callNow = (): void => {
    if (next.can_call_now) void command.run(() => store.callNow(next.callback));
  };
  useShortcuts({ c: callNow });
  return (
    <section class="card stage-card" aria-label={`Next: ${next.customer}`}>
      <div class="who">
        <span class="avatar large" aria-hidden="true">
          {next.customer.charAt(0)}
        </span>
        <div>
          <h2>{next.customer}</h2>
          <p class="second">{next.topic ?? "No topic given"}</p>
        </div>
        <span class="chip info">
          <Icon name="clock" size={16} />
          {relative(next.at, now, zone)}
        </span>
      </div>
      <dl class="facts">
        <dt>Promised</dt>
        <dd>{next.when}</dd>
        {next.when.startsWith("by ") && (
          <>
            <dt>Expected</dt>
            <dd>about {at(next.at)}</dd>
          </>
        )}
        {next.held_from !== null && (
          <>
            <dt>Held</dt>
            <dd>From {at(next.held_from)}: no new chats reach you from then on.</dd>
          </>
        )}
      </dl>
      <div class="row">
        <button
          type="button"
          class={free && next.can_call_now ? "button filled" : "button outlined"}
          aria-disabled={!next.can_call_now || command.busy}
          onClick={callNow}
          {...useKeyName("C")}
        >
          <Icon name="phone" size={16} />
          Call now
          <Key of="C" />
        </button>
        <span class="second dense">
          {next.can_call_now
            ? `Rings you first, then ${firstName(next.customer)}.`
            : !next.dialling
              ? "Calls are stopped in this queue until a supervisor lets them go on."
              : free
              ? `Not before ${at(next.at)}: that is what was promised.`
              : "Not now: be available first."}
        </span>
      </div>
      <ProblemLine problem={command.problem} />
    </section>
  );
}
