/** Promised and room per slot for the next four hours, queue by queue: where it is short, and by how much. */
import { useEffect, useState } from "preact/hooks";
import type { ConsoleQueue, Problem } from "../shared/contract";
import { problemOf } from "../shared/command";
import { ProblemLine } from "../shared/problem-line";
import { useFrame } from "./frame";
import { promisedIn, shortBy, type Slot } from "./staffing";
import { StaffingCard } from "./staffing-chart";

const EVERY = 60_000;

export function SlotsSection({ queues }: { queues: ConsoleQueue[] }) {
  return (
    <div class="slots">
      {queues.map((queue) => (
        <QueueSlots key={queue.slug} queue={queue} />
      ))}
      {queues.length === 0 && <p class="second">There is no queue yet.</p>}
    </div>
  );
}

function QueueSlots({ queue }: { queue: ConsoleQueue }) {
  const { at } = useFrame();
  const { slots, problem } = useSlots(queue.slug, queue.promised);
  const short = (slots ?? []).filter((slot) => shortBy(slot) > 0);
  return (
    <section class="queue-slots" aria-label={queue.name}>
      {slots === null ? (
        <div class="card">
          <div class="loading tall" aria-hidden="true">
            <i />
          </div>
        </div>
      ) : (
        <StaffingCard slots={slots} title={`${queue.name} · ${queue.open_line} · ${promisedIn(slots)} promised in the next 4 h`} />
      )}
      {short.length > 0 && (
        <ul class="short-list dense bad-text">
          {short.map((slot) => (
            <li key={slot.slot}>
              {at(slot.slot)}: short by {shortBy(slot)}: {slot.promised} promised, room for {slot.room}
            </li>
          ))}
        </ul>
      )}
      <ProblemLine problem={problem} />
    </section>
  );
}

/** Fetched at once, each minute, and when the number of promises changes; the last ones stay while it fails. */
function useSlots(slug: string, promised: number): { slots: Slot[] | null; problem: Problem | null } {
  const { store } = useFrame();
  const [slots, setSlots] = useState<Slot[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    const load = (): void => {
      store.viewOf(slug).then(
        (view) => wanted && (setSlots(view.staffing), setProblem(null)),
        (failure: unknown) => wanted && setProblem(problemOf(failure)),
      );
    };
    load();
    const timer = setInterval(load, EVERY);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [slug, promised]);
  return { slots, problem };
}
