/** One lever: in which queues, why, who is affected, and only then the change. */
import { useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { ConsoleQueue, Problem } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import { AffectedList } from "./affected-list";
import type { Preview } from "./commands";
import { useFrame } from "./frame";
import { changesOf, firstChoice, type Lever, type LeverChange, stepWords } from "./levers";
import { ReasonField, useReason } from "./reason-field";

interface LeverDialogProps {
  lever: Lever;
  queues: ConsoleQueue[];
  onClose: () => void;
}

const TITLES: Record<Lever, [title: string, legend: string]> = {
  offering: ["Stop offering", "Offer nothing in"],
  dialling: ["Stop dialling", "Dial nothing in"],
  cap: ["Backlog cap", "Change it in"],
};

export function LeverDialog({ lever, queues, onClose }: LeverDialogProps) {
  const { commands } = useFrame();
  const command = useCommand();
  const reason = useReason();
  const [chosen, setChosen] = useState(() => firstChoice(lever, queues));
  const [cap, setCap] = useState("");
  const [previews, setPreviews] = useState<{ change: LeverChange; preview: Preview }[] | null>(null);
  const [missing, setMissing] = useState<Problem | null>(null);
  const [title, legend] = TITLES[lever];
  const changes = changesOf(lever, queues, chosen, cap);

  const change = (set: () => void): void => {
    set();
    setMissing(null);
    setPreviews(null); // another choice has another effect
  };
  const toggle = (slug: string): void => {
    const next = new Set(chosen);
    if (!next.delete(slug)) next.add(slug);
    change(() => setChosen(next));
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const problem = whatIsMissing(lever, changes, cap);
    setMissing(problem);
    if (problem !== null || !reason.check()) return;
    const why = reason.text.trim();
    if (previews === null) {
      await command.run(async () => {
        setPreviews(
          await Promise.all(changes.map(async (one) => ({ change: one, preview: await commands.previewLevers(one.queue.slug, one.levers, why) }))),
        );
      });
      return;
    }
    const done = await command.run(async () => {
      for (const { change: one } of previews) await commands.levers(one.queue.slug, one.levers, why);
    });
    if (done) onClose();
  };
  const refused = command.problem === null ? null : { ...command.problem, detail: `Not changed: ${command.problem.detail || command.problem.title}` };

  return (
    <Dialog title={title} onClose={onClose}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <fieldset class="queues">
          <legend>{legend}</legend>
          {queues.map((queue) => (
            <label key={queue.slug} class="choice">
              <input type="checkbox" checked={chosen.has(queue.slug)} onChange={() => toggle(queue.slug)} />
              <span>
                {queue.name}{" "}
                <span class="second dense">
                  {queue.promised} promised{lever === "cap" ? `, cap ${queue.backlog_cap ?? "none"}` : ""}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        {lever === "cap" && (
          <div class="field">
            <label for="cap">Open callbacks at most</label>
            <input
              id="cap"
              class="input"
              inputMode="numeric"
              autoComplete="off"
              value={cap}
              aria-describedby="cap-note"
              aria-invalid={missing?.field === "cap"}
              onInput={(event) => {
                const { value } = event.currentTarget;
                change(() => setCap(value));
              }}
            />
            <span id="cap-note" class="caption">
              Empty: no cap.
            </span>
          </div>
        )}
        <ProblemLine problem={missing} />
        <ReasonField reason={reason} />
        {previews !== null && (
          <AffectedList
            affected={previews.flatMap(({ preview }) => preview.affected)}
            summaries={previews.flatMap(({ change: one, preview }) => (preview.summary ? [`${one.queue.name}: ${preview.summary}`] : []))}
          />
        )}
        <ProblemLine problem={refused} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Leave as it is
          </button>
          <button type="submit" class="button filled" aria-disabled={command.busy}>
            {command.busy ? "Asking…" : previews === null ? "Show who is affected" : stepWords(lever, changes)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function whatIsMissing(lever: Lever, changes: LeverChange[], cap: string): Problem | null {
  const problem = (detail: string, field?: string): Problem => ({ type: "missing", title: detail, status: 0, detail, ...(field === undefined ? {} : { field }) });
  if (lever === "cap" && cap.trim() !== "" && !/^\d{1,6}$/.test(cap.trim())) return problem("Type a whole number, or nothing for no cap.", "cap");
  return changes.length === 0 ? problem("This changes nothing. Choose another queue, or leave it as it is.") : null;
}
