/** An agent is away: until when, why, and what becomes of whoever waits for them by name, before it happens. */
import { useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { ConsoleAgent, Problem } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { instantIn, localDate } from "../shared/zoned";
import { AffectedList } from "./affected-list";
import type { Preview } from "./commands";
import { useFrame } from "./frame";
import { MomentFields, momentProblem } from "./moment-fields";
import { ReasonField, useReason } from "./reason-field";

export function AwayDialog({ agent, onClose }: { agent: ConsoleAgent; onClose: () => void }) {
  const { commands, zone } = useFrame();
  const now = useNow(false);
  const command = useCommand();
  const reason = useReason();
  const [date, setDate] = useState(() => localDate(now, zone));
  const [time, setTime] = useState("23:59");
  const [shown, setShown] = useState<{ until: string | null; preview: Preview } | null>(null);
  const [missing, setMissing] = useState<Problem | null>(null);
  const back = agent.away;

  const change = (set: () => void): void => {
    set();
    setMissing(null);
    setShown(null); // another time has another effect
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const until = back ? null : instantIn(date, time, zone);
    const problem = back ? null : momentProblem(until, now);
    if (problem !== null) {
      setMissing(problem);
      return;
    }
    if (!reason.check()) return;
    const why = reason.text.trim();
    if (!back && shown === null) {
      await command.run(async () => setShown({ until, preview: await commands.previewAway(agent.id, until, why) }));
      return;
    }
    const done = await command.run(() => commands.away(agent.id, until, why, shown?.preview.plan ?? null));
    if (done) onClose();
  };

  return (
    <Dialog title={back ? `${agent.name} is back` : `${agent.name} is away`} onClose={onClose}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <p class="second">
          {back
            ? "Their shifts count again. They become available by their own act."
            : "They are off duty at once and out of the plan. Others take who waits for them by name, where there is room; the rest is offered another time."}
        </p>
        {!back && (
          <MomentFields
            id="away"
            label="Until"
            date={date}
            time={time}
            zone={zone}
            now={now}
            invalid={missing !== null}
            onDate={(value) => change(() => setDate(value))}
            onTime={(value) => change(() => setTime(value))}
          />
        )}
        <ProblemLine problem={missing} />
        <ReasonField reason={reason} />
        {shown !== null && <AffectedList affected={shown.preview.affected} summaries={shown.preview.summary ? [shown.preview.summary] : []} />}
        <ProblemLine problem={command.problem} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Leave as it is
          </button>
          <button type="submit" class="button filled" aria-disabled={command.busy}>
            {command.busy ? "Asking…" : back ? "They are back" : shown === null ? "Show who is affected" : "They are away"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
