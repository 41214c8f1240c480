/** One lever: for which queues, why, who is affected, and only then the change. */
import { useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { ConsoleQueue, Problem } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import { AffectedList } from "./affected-list";
import type { Levers, Preview } from "./commands";
import { useFrame } from "./frame";
import { ReasonField, useReason } from "./reason-field";

export type Lever = "offering" | "dialling" | "cap";

interface LeverDialogProps {
  lever: Lever;
  queues: ConsoleQueue[];
  onClose: () => void;
}

const TITLES: Record<Lever, [stop: string, resume: string]> = {
  offering: ["Stop offering", "Offer again"],
  dialling: ["Stop dialling", "Dial again"],
  cap: ["Change the backlog cap", "Change the backlog cap"],
};

export function LeverDialog({ lever, queues, onClose }: LeverDialogProps) {
  const { commands } = useFrame();
  const command = useCommand();
  const reason = useReason();
  const stops = lever === "cap" || queues.every((queue) => (lever === "offering" ? queue.offering : queue.dialling));
  const eligible = lever === "cap" ? queues : queues.filter((queue) => (lever === "offering" ? queue.offering : queue.dialling) === stops);
  const [chosen, setChosen] = useState<string[]>(() => (lever === "cap" && eligible.length > 1 ? [] : eligible.map((queue) => queue.slug)));
  const [cap, setCap] = useState(() => String(queues[0]?.backlog_cap ?? ""));
  const [affected, setAffected] = useState<Preview[] | null>(null);
  const [missing, setMissing] = useState<Problem | null>(null);
  const title = TITLES[lever][stops ? 0 : 1];

  const levers = (): Levers => {
    if (lever === "cap") return { backlog_cap: cap.trim() === "" ? null : Number(cap) };
    return lever === "offering" ? { offering: !stops } : { dialling: !stops };
  };
  const toggle = (slug: string): void => {
    setChosen(chosen.includes(slug) ? chosen.filter((one) => one !== slug) : [...chosen, slug]);
    setMissing(null);
    setAffected(null);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const problem = whatIsMissing(lever, chosen, cap);
    setMissing(problem);
    if (problem !== null || !reason.check()) return;
    const why = reason.text.trim();
    if (affected === null) {
      await command.run(async () => {
        setAffected(await Promise.all(chosen.map((slug) => commands.previewLevers(slug, levers(), why))));
      });
      return;
    }
    const done = await command.run(async () => {
      for (const slug of chosen) await commands.levers(slug, levers(), why);
    });
    if (done) onClose();
  };

  return (
    <Dialog title={title} onClose={onClose}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <fieldset class="queues">
          <legend>In which queues</legend>
          {eligible.map((queue) => (
            <label key={queue.slug} class="choice">
              <input type="checkbox" checked={chosen.includes(queue.slug)} onChange={() => toggle(queue.slug)} />
              <span>
                {queue.name}{" "}
                <span class="second dense">
                  {queue.waiting} waiting, {queue.promised} promised
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
              value={cap}
              aria-describedby="cap-note"
              aria-invalid={missing?.field === "cap"}
              onInput={(event) => (setCap(event.currentTarget.value), setMissing(null), setAffected(null))}
            />
            <span id="cap-note" class="caption">
              Empty: no cap.
            </span>
          </div>
        )}
        <ProblemLine problem={missing} />
        <ReasonField reason={reason} />
        {affected !== null && (
          <AffectedList affected={affected.flatMap((preview) => preview.affected)} summaries={affected.flatMap(({ summary }) => (summary ? [summary] : []))} />
        )}
        <ProblemLine problem={command.problem === null ? null : { ...command.problem, detail: `Not changed: ${command.problem.detail || command.problem.title}` }} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Leave as it is
          </button>
          <button type="submit" class="button filled" aria-disabled={command.busy}>
            {command.busy ? "Asking…" : affected === null ? "Show who is affected" : title}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function whatIsMissing(lever: Lever, chosen: string[], cap: string): Problem | null {
  const problem = (detail: string, field?: string): Problem => ({ type: "missing", title: detail, status: 0, detail, ...(field === undefined ? {} : { field }) });
  if (chosen.length === 0) return problem("Choose at least one queue.");
  if (lever === "cap" && cap.trim() !== "" && !/^\d{1,6}$/.test(cap.trim())) return problem("Type a whole number, or nothing for no cap.", "cap");
  return null;
}
