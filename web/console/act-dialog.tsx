/** Cancel, move, reassign or call next, for one callback or many: who is affected is named before anything runs, and a reason is asked for. */
import { useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { ConsoleView, Problem } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { placeOf } from "../shared/time";
import { instantIn, localDate } from "../shared/zoned";
import { AffectedList } from "./affected-list";
import type { Action, ActInput, Preview } from "./commands";
import { useFrame } from "./frame";
import { ReasonField, useReason } from "./reason-field";

export interface Asked {
  action: Action;
  callbacks: { id: string; customer: string }[];
}

interface ActDialogProps {
  asked: Asked;
  view: ConsoleView;
  onClose: (done: boolean) => void;
}

const WORDS: Record<Action, { title: string; submit: string; what: string }> = {
  cancel: { title: "Cancel", submit: "Cancel the callback", what: "The chat says “Cancelled” when no phone can ring any more." },
  move: { title: "Move", submit: "Move", what: "The new time is a promise like the old one, and is told in the chat." },
  reassign: { title: "Reassign", submit: "Reassign", what: "The promise stays; another agent keeps it." },
  "call-next": { title: "Call next", submit: "Call next", what: "It goes before everybody who waits in its queue." },
};

export function ActDialog({ asked, view, onClose }: ActDialogProps) {
  const { commands, zone } = useFrame();
  const now = useNow(false);
  const command = useCommand();
  const reason = useReason();
  const [affected, setAffected] = useState<Preview | null>(null);
  const [missing, setMissing] = useState<Problem | null>(null);
  const [date, setDate] = useState(() => localDate(now, zone));
  const [time, setTime] = useState("");
  const [agent, setAgent] = useState("");
  const { action, callbacks } = asked;
  const words = WORDS[action];
  const many = callbacks.length > 1;
  const only = callbacks[0];
  const ids = callbacks.map((one) => one.id);
  const previewed = action !== "call-next";

  const input = (): ActInput => {
    const at = action === "move" ? instantIn(date, time, zone) : null;
    return { reason: reason.text.trim(), ...(at === null ? {} : { at }), ...(action === "reassign" ? { agent: agent === "" ? null : agent } : {}) };
  };
  const change = (set: () => void): void => {
    set();
    setMissing(null);
    setAffected(null); // another choice has another effect
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!reason.check()) return;
    if (action === "move") {
      const at = instantIn(date, time, zone);
      const problem = at === null ? "Choose a date and a time." : Date.parse(at) <= now ? "This time has passed. Choose a later one." : null;
      if (problem !== null) {
        setMissing({ type: "missing", title: problem, status: 0, detail: problem, field: "time" });
        return;
      }
    }
    if (previewed && affected === null) {
      await command.run(async () => setAffected(await commands.previewBulk(ids, action, input())));
      return;
    }
    const done = await command.run(() =>
      many && action !== "call-next" ? commands.bulk(ids, action, input()) : commands.act(only?.id ?? "", action, input()),
    );
    if (done) onClose(true);
  };

  return (
    <Dialog title={many ? `${words.title} ${callbacks.length} callbacks` : `${words.title}: ${only?.customer ?? ""}`} onClose={() => onClose(false)}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <p class="second">{words.what}</p>
        {action === "move" && (
          <div class="two">
            <div class="field">
              <label for="act-date">Date</label>
              <input id="act-date" class="input" type="date" value={date} min={localDate(now, zone)} onInput={(event) => change(() => setDate(event.currentTarget.value))} />
            </div>
            <div class="field">
              <label for="act-time">Time, {placeOf(zone)}</label>
              <input
                id="act-time"
                class="input"
                type="time"
                value={time}
                aria-invalid={missing !== null}
                onInput={(event) => change(() => setTime(event.currentTarget.value))}
              />
            </div>
          </div>
        )}
        {action === "reassign" && (
          <div class="field">
            <label for="act-agent">To</label>
            <select id="act-agent" class="input" value={agent} onChange={(event) => change(() => setAgent(event.currentTarget.value))}>
              <option value="">Anyone of the queue</option>
              {view.agents.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                  {one.state === "offline" ? ", offline" : ""}
                </option>
              ))}
            </select>
          </div>
        )}
        <ProblemLine problem={missing} />
        <ReasonField reason={reason} />
        {affected !== null && <AffectedList affected={affected.affected} summaries={[]} />}
        <ProblemLine problem={command.problem} />
        <div class="actions">
          <button type="button" class="button" onClick={() => onClose(false)}>
            {action === "cancel" ? "Keep it" : "Leave as it is"}
          </button>
          <button type="submit" class={action === "cancel" && affected !== null ? "button end" : "button filled"} aria-disabled={command.busy}>
            {command.busy ? "Asking…" : previewed && affected === null ? "Show who is affected" : many ? `${words.title} ${callbacks.length}` : words.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
