/** One lever: in which queues, why, who is affected, and only then the change. */
import { useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { ConsoleQueue, Problem } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { instantIn, localDate } from "../shared/zoned";
import { AffectedList } from "./affected-list";
import type { Preview } from "./commands";
import { useFrame } from "./frame";
import { LeverField, type LeverText } from "./lever-field";
import { changesOf, firstChoice, isOn, isSwitch, type Lever, type LeverChange, stepWords, type Typed } from "./levers";
import { ReasonField, useReason } from "./reason-field";

interface LeverDialogProps {
  lever: Lever;
  queues: ConsoleQueue[];
  onClose: () => void;
}

const TITLES: Record<Lever, [title: string, legend: string]> = {
  offering: ["Stop offering", "Offer nothing in"],
  dialling: ["Stop dialling", "Dial nothing in"],
  waitlist: ["Waitlist", "Keep one in"],
  cap: ["Backlog cap", "Change it in"],
  wait: ["Wait cut-off", "Change it in"],
  close: ["Close early", "Close"],
  incident: ["Incident", "Announce it in"],
};

export function LeverDialog({ lever, queues, onClose }: LeverDialogProps) {
  const { commands, zone } = useFrame();
  const now = useNow(false);
  const today = localDate(now, zone);
  const command = useCommand();
  const reason = useReason();
  const [chosen, setChosen] = useState(() => firstChoice(lever, queues));
  const [typed, setTyped] = useState<LeverText>(() => ({ text: firstText(lever, queues), date: today, reopenDate: today, reopenTime: "" }));
  const [previews, setPreviews] = useState<{ change: LeverChange; preview: Preview }[] | null>(null);
  const [missing, setMissing] = useState<Problem | null>(null);
  const [title, legend] = goesOn(lever, queues) ?? TITLES[lever];
  const changes = changesOf(lever, queues, chosen, read(lever, typed, zone));

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
    const problem = whatIsMissing(lever, changes, typed);
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
                  {queue.promised} promised{stateOf(lever, queue)}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        {!isSwitch(lever) && (
          <LeverField
            lever={lever}
            value={typed}
            zone={zone}
            today={today}
            invalid={missing?.field !== undefined}
            onChange={(value) => change(() => setTyped(value))}
          />
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

/** Where something is stopped the dialog is about letting it go on. */
function goesOn(lever: Lever, queues: ConsoleQueue[]): [title: string, legend: string] | null {
  if (lever !== "offering" && lever !== "dialling") return null;
  if (queues.every((queue) => !isOn(lever, queue))) return null;
  return [lever === "offering" ? "Offer again" : "Dial again", "Stays stopped in"];
}

function stateOf(lever: Lever, queue: ConsoleQueue): string {
  if (lever === "cap") return `, cap ${queue.backlog_cap ?? "none"}`;
  if (lever === "wait") return `, cut-off ${queue.wait_cap === null ? "none" : `${Math.round(queue.wait_cap / 60)} min`}`;
  if (lever === "close" && queue.shut_line !== null) return `, ${queue.shut_line}`;
  return lever === "incident" && queue.incident !== null ? `, now “${queue.incident}”` : "";
}

/** An incident that is announced already is changed or ended, not typed anew. */
function firstText(lever: Lever, queues: ConsoleQueue[]): string {
  return lever === "incident" ? (queues.find((queue) => queue.incident !== null)?.incident ?? "") : "";
}

function read(lever: Lever, typed: LeverText, zone: string): Typed {
  if (lever !== "close") return { text: typed.text };
  return { text: instantIn(typed.date, typed.text, zone) ?? "", reopen: instantIn(typed.reopenDate, typed.reopenTime, zone) };
}

function whatIsMissing(lever: Lever, changes: LeverChange[], typed: LeverText): Problem | null {
  const problem = (detail: string, field?: string): Problem => ({ type: "missing", title: detail, status: 0, detail, ...(field === undefined ? {} : { field }) });
  const number = typed.text.trim();
  if ((lever === "cap" || lever === "wait") && number !== "" && !/^\d{1,6}$/.test(number)) return problem("Type a whole number, or nothing for no limit.", "cap");
  if (lever === "wait" && number === "0") return problem("Type at least one minute.", "cap");
  return changes.length === 0 ? problem("This changes nothing. Choose another queue, or leave it as it is.") : null;
}
