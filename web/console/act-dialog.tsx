/** Cancel, move, reassign or call next, for one callback or many: who is affected is named before anything runs, and a reason is asked for. */
import { useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { ConsoleAgent, ConsoleView, Problem } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { instantIn, localDate } from "../shared/zoned";
import { AffectedList } from "./affected-list";
import type { Action, ActInput, BulkAction, Filter, Preview } from "./commands";
import { useFrame } from "./frame";
import { MomentFields, momentProblem } from "./moment-fields";
import { ReasonField, useReason } from "./reason-field";

export interface Asked {
  action: Action;
  callbacks: { id: string; customer: string }[];
  filter?: { of: Filter; words: string }; // instead of naming them
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
  message: { title: "Write to", submit: "Send the message", what: "It is said in the chat each callback came from, as the business." },
  offer_move: {
    title: "Offer a move",
    submit: "Offer a move",
    what: "The chat says that the time may not hold, and asks: keep, move or cancel. It counts as our notice.",
  },
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
  const [text, setText] = useState("");
  const { action, callbacks, filter } = asked;
  const words = WORDS[action];
  const many = filter !== undefined || callbacks.length > 1;
  const only = callbacks[0];
  const which: Filter = filter?.of ?? { callbacks: callbacks.map((one) => one.id) };
  const count = affected?.affected.filter((one) => one.changes !== false).length ?? callbacks.length;
  const previewed = action !== "call-next";

  const input = (): ActInput => {
    const at = action === "move" ? instantIn(date, time, zone) : null;
    return { reason: reason.text.trim(), ...(at === null ? {} : { at }), ...(action === "reassign" ? { agent: agent === "" ? null : agent } : {}), ...(text.trim() === "" ? {} : { text: text.trim() }) };
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
      const problem = momentProblem(instantIn(date, time, zone), now);
      if (problem !== null) {
        setMissing(problem);
        return;
      }
    }
    if (action === "message" && text.trim() === "") {
      setMissing({ type: "missing", title: "Write what to say.", status: 0, detail: "Write what to say.", field: "text" });
      return;
    }
    if (action !== "call-next" && affected === null) {
      await command.run(async () => setAffected(await commands.previewBulk(which, action, input())));
      return;
    }
    const done = await command.run(() =>
      onlyInBulk(action) || (many && action !== "call-next")
        ? commands.bulk(which, action as BulkAction, input(), affected?.plan ?? null)
        : commands.act(only?.id ?? "", action, input()),
    );
    if (done) onClose(true);
  };

  return (
    <Dialog title={titleOf(asked, words.title)} onClose={() => onClose(false)}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <p class="second">{words.what}</p>
        {action === "move" && (
          <MomentFields
            id="act"
            label="Date"
            date={date}
            time={time}
            zone={zone}
            now={now}
            invalid={missing !== null}
            onDate={(value) => change(() => setDate(value))}
            onTime={(value) => change(() => setTime(value))}
          />
        )}
        {action === "reassign" && (
          <div class="field">
            <label for="act-agent">To</label>
            <select id="act-agent" class="input" value={agent} onChange={(event) => change(() => setAgent(event.currentTarget.value))}>
              <option value="">Anyone of the queue</option>
              {agentsFor(asked, view).map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                  {one.state === "offline" ? ", offline" : ""}
                </option>
              ))}
            </select>
          </div>
        )}
        {onlyInBulk(action) && (
          <div class="field">
            <label for="act-text">{action === "message" ? "Message" : "Why, as customers read it"}</label>
            <textarea
              id="act-text"
              class="input"
              rows={3}
              maxLength={1000}
              value={text}
              aria-describedby={action === "offer_move" ? "act-text-note" : undefined}
              aria-invalid={missing?.field === "text"}
              onInput={(event) => {
                const { value } = event.currentTarget;
                change(() => setText(value));
              }}
            />
            {action === "offer_move" && (
              <span id="act-text-note" class="caption">
                Empty: “We are short of people.”
              </span>
            )}
          </div>
        )}
        <ProblemLine problem={missing} />
        <ReasonField reason={reason} />
        {affected !== null && <AffectedList affected={affected.affected} summaries={many && affected.summary ? [affected.summary] : []} />}
        <ProblemLine problem={command.problem} />
        <div class="actions">
          <button type="button" class="button" onClick={() => onClose(false)}>
            {action === "cancel" ? "Keep it" : "Leave as it is"}
          </button>
          <button type="submit" class={action === "cancel" && affected !== null ? "button end" : "button filled"} aria-disabled={command.busy}>
            {command.busy ? "Asking…" : previewed && affected === null ? "Show who is affected" : many ? `${words.title} ${count}` : words.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Whoever serves the queues of all the callbacks that are named; of a filter's everybody, and the preview tells. */
function agentsFor({ callbacks, filter }: Asked, view: ConsoleView): ConsoleAgent[] {
  if (filter !== undefined) return view.agents;
  const named = new Set(callbacks.map((one) => one.id));
  const queues = new Set(view.rows.filter((row) => named.has(row.id)).map((row) => row.queue));
  return view.agents.filter((one) => [...queues].every((queue) => one.queues.includes(queue)));
}

/** Acts that go through the bulk route even for one callback. */
function onlyInBulk(action: Action): boolean {
  return action === "message" || action === "offer_move";
}

function titleOf({ callbacks, filter }: Asked, title: string): string {
  if (filter !== undefined) return `${title}: ${filter.words}`;
  return callbacks.length > 1 ? `${title} ${callbacks.length} callbacks` : `${title}: ${callbacks[0]?.customer ?? ""}`;
}
