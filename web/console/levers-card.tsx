/** Stop offering, stop dialling, cap the backlog: each keeps its position until the servers have confirmed the change. */
import { useState } from "preact/hooks";
import type { ConsoleQueue, ConsoleView } from "../shared/contract";
import { LeverDialog } from "./lever-dialog";
import type { Lever } from "./levers";

export function LeversCard({ view }: { view: ConsoleView }) {
  const [open, setOpen] = useState<Lever | null>(null);
  const { queues } = view;
  const promised = queues.reduce((sum, queue) => sum + queue.promised, 0);
  return (
    <section class="card levers" aria-labelledby="levers-title">
      <h2 id="levers-title">Levers</h2>
      <SwitchRow
        title="Stop offering"
        effect={`No new callbacks. ${promised} ${promised === 1 ? "stays" : "stay"} promised.`}
        stopped={queues.filter((queue) => !queue.offering)}
        all={queues}
        onClick={() => setOpen("offering")}
      />
      <SwitchRow
        title="Stop dialling"
        effect="Nothing rings until it is resumed."
        stopped={queues.filter((queue) => !queue.dialling)}
        all={queues}
        onClick={() => setOpen("dialling")}
      />
      <div class="lever">
        <div>
          <h3>Backlog cap</h3>
          <p class="caption">{queues.map((queue) => `${queue.name} ${queue.backlog_cap ?? "none"}`).join(", ")}</p>
        </div>
        <button type="button" class="button small" onClick={() => setOpen("cap")}>
          Change<span class="visually-hidden"> the backlog cap</span>
        </button>
      </div>
      <p class="caption">Each asks for a reason and shows who is affected first.</p>
      {open !== null && <LeverDialog lever={open} queues={queues} onClose={() => setOpen(null)} />}
    </section>
  );
}

interface SwitchRowProps {
  title: string;
  effect: string;
  stopped: ConsoleQueue[];
  all: ConsoleQueue[];
  onClick: () => void;
}

function SwitchRow({ title, effect, stopped, all, onClick }: SwitchRowProps) {
  const every = stopped.length === all.length && all.length > 0;
  const words = stopped.length === 0 ? effect : every ? `Stopped. ${effect}` : `Stopped in ${stopped.map((queue) => queue.name).join(", ")}.`;
  const id = title.replace(" ", "-").toLowerCase();
  return (
    <div class="lever">
      <div>
        <h3 id={id}>{title}</h3>
        <p class={stopped.length === 0 ? "caption" : "caption warn-text"} id={`${id}-words`}>
          {words}
        </p>
      </div>
      <button
        type="button"
        role="switch"
        aria-checked={stopped.length > 0}
        aria-labelledby={id}
        aria-describedby={`${id}-words`}
        class={stopped.length > 0 ? "switch on" : "switch"}
        onClick={onClick}
      >
        <i />
      </button>
    </div>
  );
}
