/** Promises of the next hours against the room that staffing gives; the same as a table behind a button. */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useNow } from "../shared/ticking";
import { useFrame } from "./frame";
import { closedRuns, positionOf, promisedIn, scaleOf, sentence, shortBy, type Slot } from "./staffing";

const LEFT = 28;
const TOP = 36;
const BOTTOM = 30;

export function StaffingCard({ slots, title }: { slots: Slot[]; title?: string }) {
  const [asTable, setAsTable] = useState(false);
  const hatch = useId();
  return (
    <section class="card chart" aria-label={title ?? "Promised in the next 4 hours"}>
      <div class="card-title">
        <h2>{title ?? `Promised in the next 4 h: ${promisedIn(slots)}`}</h2>
        <div class="legend dense second">
          <span class="with-icon">
            <svg width="12" height="12" aria-hidden="true">
              <rect class="bar" width="12" height="12" rx="2" />
            </svg>
            promised
          </span>
          <span class="with-icon">
            <svg width="16" height="12" aria-hidden="true">
              <path class="room" d="M0 9h7V3h9" />
            </svg>
            room from staffing
          </span>
          <span class="with-icon">
            <svg width="12" height="12" aria-hidden="true">
              <Hatch id={`${hatch}-short`} />
              <rect class="short" width="12" height="12" fill={`url(#${hatch}-short)`} />
            </svg>
            short
          </span>
          <button type="button" class="button quiet small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            As a table
          </button>
        </div>
      </div>
      {slots.length === 0 ? (
        <p class="second dense">No slots in the next 4 hours.</p>
      ) : asTable ? (
        <StaffingTable slots={slots} />
      ) : (
        <StaffingChart slots={slots} />
      )}
    </section>
  );
}

function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch" width="3" height="6" />
      </pattern>
    </defs>
  );
}

function StaffingChart({ slots }: { slots: Slot[] }) {
  const { at } = useFrame();
  const frame = useRef<HTMLDivElement>(null);
  const hatch = useId();
  const { width, height } = useSize(frame);
  const now = positionOf(useNow(), slots);
  const { top, ticks } = scaleOf(slots);
  const step = (width - LEFT - 4) / slots.length;
  const x = (index: number): number => LEFT + index * step;
  const y = (value: number): number => height - BOTTOM - (value / top) * (height - TOP - BOTTOM);
  const bar = Math.max(3, Math.min(30, step * 0.64));
  const every = Math.max(1, Math.ceil(52 / step / 2) * (step > 52 ? 1 : 2));
  return (
    <div ref={frame} class="chart-frame">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={sentence(slots, at)}>
        <Hatch id={`${hatch}-short`} />
        <defs>
          <pattern id={`${hatch}-closed`} width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="closed-hatch" width="4" height="9" />
          </pattern>
        </defs>
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
            <text class="tick" x={LEFT - 10} y={y(tick) + 4} text-anchor="end">
              {tick}
            </text>
          </g>
        ))}
        {closedRuns(slots).map(([first, last]) => (
          <g key={first}>
            <rect class="closed" x={x(first)} y={y(top)} width={x(last + 1) - x(first)} height={y(0) - y(top)} fill={`url(#${hatch}-closed)`} />
            <text class="tick" x={(x(first) + x(last + 1)) / 2} y={(y(0) + y(top)) / 2} text-anchor="middle">
              Closed
            </text>
          </g>
        ))}
        {slots.map((slot, index) => {
          const left = x(index) + (step - bar) / 2;
          const short = shortBy(slot);
          const kept = slot.promised - short;
          return (
            <g key={slot.slot}>
              {kept > 0 && <rect class="bar" x={left} y={y(kept)} width={bar} height={y(0) - y(kept)} rx="2" />}
              {short > 0 && (
                <>
                  <rect class="short" x={left} y={y(slot.promised)} width={bar} height={y(kept) - y(slot.promised)} fill={`url(#${hatch}-short)`} />
                  <text class="short-words" x={left + bar / 2} y={y(slot.promised) - 8} text-anchor="middle">
                    short by {short}
                  </text>
                </>
              )}
              {index % every === 0 && (
                <text class="tick" x={left + bar / 2} y={height - 10} text-anchor="middle">
                  {at(slot.slot)}
                </text>
              )}
            </g>
          );
        })}
        <path class="room" d={roomPath(slots, x, y)} />
        {now !== null && (
          <g>
            <line class="now" x1={x(now)} x2={x(now)} y1={TOP - 24} y2={y(0)} />
            <text class="tick" x={x(now) + 5} y={TOP - 14}>
              now
            </text>
          </g>
        )}
      </svg>
    </div>
  );
}

/** A stair over the open slots; it stops where it is closed. */
function roomPath(slots: Slot[], x: (index: number) => number, y: (value: number) => number): string {
  let path = "";
  let drawing = false;
  slots.forEach((slot, index) => {
    if (slot.closed) {
      drawing = false;
      return;
    }
    path += `${drawing ? "L" : "M"}${x(index)} ${y(slot.room)}L${x(index + 1)} ${y(slot.room)}`;
    drawing = true;
  });
  return path;
}

function StaffingTable({ slots }: { slots: Slot[] }) {
  const { at } = useFrame();
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Promised and room per slot">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Slot</th>
            <th scope="col" class="number">
              Promised
            </th>
            <th scope="col" class="number">
              Room
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {slots.map((slot) => (
            <tr key={slot.slot}>
              <th scope="row">{at(slot.slot)}</th>
              <td class="number">{slot.promised}</td>
              <td class="number">{slot.closed ? "–" : slot.room}</td>
              <td class={shortBy(slot) > 0 ? "bad-text" : ""}>{stateOf(slot)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function stateOf(slot: Slot): string {
  if (slot.closed) return "closed";
  const short = shortBy(slot);
  if (short > 0) return `short by ${short}: ${slot.promised} promised, room for ${slot.room}`;
  return slot.room > 0 && slot.promised === slot.room ? "full" : "room left";
}

/** The room there is, so that the words of the chart keep their size. */
function useSize(frame: { current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 640, height: 320 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: Math.max(280, Math.floor(element.clientWidth)), height: Math.max(320, Math.floor(element.clientHeight)) }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}
