/** Stop offering or dialling, cap backlog and wait, close early, announce an incident: each keeps its position until the servers have confirmed the change. */
import { useState } from "preact/hooks";
import type { ConsoleQueue, ConsoleView } from "../shared/contract";
import { LeverDialog } from "./lever-dialog";
import { isOn, type Lever, type Switch } from "./levers";

export function LeversCard({ view }: { view: ConsoleView }) {
  const [open, setOpen] = useState<Lever | null>(null);
  const { queues } = view;
  const promised = queues.reduce((sum, queue) => sum + queue.promised, 0);
  const listed = queues.reduce((sum, queue) => sum + queue.listed, 0);
  const set = (of: (queue: ConsoleQueue) => boolean): string => named(queues.filter(of));
  return (
    <section class="card levers" aria-labelledby="levers-title">
      <h2 id="levers-title">Levers</h2>
      <SwitchRow
        lever="offering"
        title="Stop offering"
        effect={`No new callbacks. ${promised} ${promised === 1 ? "stays" : "stay"} promised.`}
        queues={queues}
        onClick={() => setOpen("offering")}
      />
      <SwitchRow lever="dialling" title="Stop dialling" effect="Nothing rings until it is resumed." queues={queues} onClick={() => setOpen("dialling")} />
      <SwitchRow
        lever="waitlist"
        title="Waitlist"
        effect={`Who finds no room is told of some. ${listed} ${listed === 1 ? "waits" : "wait"}.`}
        queues={queues}
        onClick={() => setOpen("waitlist")}
      />
      <SetRow title="Backlog cap" words={queues.map((queue) => `${queue.name} ${queue.backlog_cap ?? "none"}`).join(", ")} what="the backlog cap" onClick={() => setOpen("cap")} />
      <SetRow
        title="Wait cut-off"
        words={queues.map((queue) => `${queue.name} ${queue.wait_cap === null ? "none" : `${Math.round(queue.wait_cap / 60)} min`}`).join(", ")}
        what="the wait cut-off"
        onClick={() => setOpen("wait")}
      />
      <SetRow title="Close early" words={set((queue) => queue.shut_line !== null) || "As the hours say."} what="when it closes" onClick={() => setOpen("close")} />
      <SetRow title="Incident" words={set((queue) => queue.incident !== null) || "None. Its words would stand instead of offers."} what="the incident" onClick={() => setOpen("incident")} />
      <p class="caption">Each asks for a reason and shows who is affected first.</p>
      {open !== null && <LeverDialog lever={open} queues={queues} onClose={() => setOpen(null)} />}
    </section>
  );
}

function named(queues: ConsoleQueue[]): string {
  return queues.map((queue) => queue.name).join(", ");
}

interface SetRowProps {
  title: string;
  words: string;
  what: string;
  onClick: () => void;
}

function SetRow({ title, words, what, onClick }: SetRowProps) {
  return (
    <div class="lever">
      <div>
        <h3>{title}</h3>
        <p class="caption">{words}</p>
      </div>
      <button type="button" class="button small" onClick={onClick}>
        Change<span class="visually-hidden"> {what}</span>
      </button>
    </div>
  );
}

interface SwitchRowProps {
  lever: Switch;
  title: string;
  effect: string;
  queues: ConsoleQueue[];
  onClick: () => void;
}

function SwitchRow({ lever, title, effect, queues, onClick }: SwitchRowProps) {
  const on = queues.filter((queue) => isOn(lever, queue));
  const every = on.length === queues.length && queues.length > 0;
  const begins = lever === "waitlist" ? "Kept" : "Stopped";
  const words = on.length === 0 ? effect : every ? `${begins}. ${effect}` : `${begins} in ${named(on)}.`;
  const id = title.replace(" ", "-").toLowerCase();
  return (
    <div class="lever">
      <div>
        <h3 id={id}>{title}</h3>
        <p class={on.length === 0 || lever === "waitlist" ? "caption" : "caption warn-text"} id={`${id}-words`}>
          {words}
        </p>
      </div>
      <button
        type="button"
        role="switch"
        aria-checked={on.length > 0}
        aria-labelledby={id}
        aria-describedby={`${id}-words`}
        class={on.length > 0 ? "switch on" : "switch"}
        onClick={onClick}
      >
        <i />
      </button>
    </div>
  );
}
