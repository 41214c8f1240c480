/** "Next for you" and "Your day": what the agent is promised to do, and how the day went. */
import type { DeskView } from "../shared/contract";
import { Icon } from "../shared/icons";
import { useNow } from "../shared/ticking";
import { duration } from "../shared/time";
import { useFrame } from "./frame";
import { relative } from "./words";

interface NextListProps {
  view: DeskView;
  chosen: string | null;
  onChoose: (callback: string) => void;
}

export function NextList({ view, chosen, onChoose }: NextListProps) {
  const { at, zone } = useFrame();
  const now = useNow();
  return (
    <section class="next" aria-labelledby="next-title">
      <h2 class="column-title" id="next-title">
        Next for you <span class="count">{view.next.length}</span>
      </h2>
      {view.next.length === 0 && <p class="empty">Nothing planned for you. New ones appear here.</p>}
      <ul>
        {view.next.map((next) => (
          <li key={next.callback}>
            <button
              type="button"
              class={next.callback === chosen ? "next-row chosen" : "next-row"}
              aria-pressed={next.callback === chosen}
              onClick={() => onChoose(next.callback)}
            >
              <span class="next-time">
                <b>{at(next.at)}</b>
                <span class="caption">{relative(next.at, now, zone)}</span>
              </span>
              <span class="next-what">
                <span class="truncated strong" title={next.customer}>
                  {next.customer}
                </span>
                {next.topic !== null && (
                  <span class="truncated second" title={next.topic}>
                    {next.topic}
                  </span>
                )}
                <span class="caption">
                  {next.held_from !== null && (
                    <span class="chip hold">
                      <Icon name="held" size={14} />
                      Held from {at(next.held_from)}
                    </span>
                  )}{" "}
                  {next.when}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function YourDay({ day }: { day: DeskView["day"] }) {
  const { at } = useFrame();
  return (
    <section class="your-day" aria-labelledby="day-title">
      <h3 id="day-title">Your day</h3>
      <dl>
        <div>
          <dt>Promises kept</dt>
          <dd>{day.promises_ended === 0 ? "none ended yet" : `${day.promises_kept} of ${day.promises_ended}`}</dd>
        </div>
        <div>
          <dt>Average talk</dt>
          <dd>{day.average_talk === null ? "no call yet" : duration(day.average_talk)}</dd>
        </div>
        <div>
          <dt>Shift ends</dt>
          <dd>{day.shift_ends === null ? "no end planned" : at(day.shift_ends)}</dd>
        </div>
      </dl>
    </section>
  );
}
