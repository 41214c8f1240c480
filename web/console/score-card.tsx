/** On time today: the number people act on, with kept, broken and withdrawn beside it; without a base there is no number. */
import type { ConsoleScore } from "../shared/contract";
import { Icon } from "../shared/icons";
import { oneDecimal } from "./decimals";
import { useFrame } from "./frame";

export function ScoreCard({ score }: { score: ConsoleScore }) {
  const met = score.on_time !== null && score.on_time >= score.target;
  return (
    <section class="card score" aria-labelledby="score-title">
      <div class="card-title">
        <h2 id="score-title">On time today</h2>
        <span class={score.on_time === null ? "chip" : met ? "chip ok" : "chip bad"}>
          {score.on_time !== null && <Icon name={met ? "check" : "triangle"} size={14} />}
          target {score.target} %
        </span>
      </div>
      {score.on_time === null ? (
        <p class="no-score">No promise has ended yet today.</p>
      ) : (
        <p class="big-score">
          {oneDecimal(score.on_time)}
          <span> %</span>
        </p>
      )}
      {score.on_time !== null && (
        <p class="dense">
          <b>{score.kept}</b> kept · <b>{score.broken}</b> broken
        </p>
      )}
      <p class="dense second">{score.withdrawn} withdrawn, not counted</p>
      <ByHour score={score} />
      <dl class="three">
        <div>
          <dt>Lost</dt>
          <dd class={score.lost > 0 ? "bad-text" : ""}>{score.lost}</dd>
        </div>
        <div>
          <dt>Rung twice</dt>
          <dd class={score.rung_twice > 0 ? "bad-text" : ""}>{score.rung_twice}</dd>
        </div>
        <div>
          <dt>Not known</dt>
          <dd class={score.unknown > 0 ? "warn-text" : ""}>{score.unknown}</dd>
        </div>
      </dl>
    </section>
  );
}

const WIDTH = 240;
const HEIGHT = 34;

function ByHour({ score }: { score: ConsoleScore }) {
  const frame = useFrame();
  const at = (hour: string): string => (/^\d{1,2}:\d{2}$/.test(hour) ? hour : frame.at(hour));
  const known = score.by_hour.filter((one): one is { hour: string; on_time: number } => one.on_time !== null);
  const first = score.by_hour[0];
  if (known.length < 2 || first === undefined) return null;
  const lowest = Math.min(score.target, ...known.map((one) => one.on_time));
  const floor = Math.max(0, Math.floor(lowest - 2));
  const y = (value: number): number => HEIGHT - 3 - ((value - floor) / Math.max(1, 100 - floor)) * (HEIGHT - 6);
  const x = (index: number): number => 3 + (index / Math.max(1, score.by_hour.length - 1)) * (WIDTH - 6);
  const points = score.by_hour.flatMap((one, index) => (one.on_time === null ? [] : [[x(index), y(one.on_time)] as const]));
  const last = points.at(-1);
  const words = known.map((one) => `${at(one.hour)} ${oneDecimal(one.on_time)} %`).join(", ");
  return (
    <figure class="by-hour">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`On time by hour: ${words}. Target ${score.target} %.`}>
        <line class="target" x1="0" x2={WIDTH} y1={y(score.target)} y2={y(score.target)} />
        <polyline class="line" points={points.map((point) => point.join(",")).join(" ")} />
        {last !== undefined && <circle class="last" cx={last[0]} cy={last[1]} r="3" />}
      </svg>
      <figcaption class="caption" aria-hidden="true">
        <span>{at(first.hour)}</span>
        <span>by hour, dashed is the target</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
