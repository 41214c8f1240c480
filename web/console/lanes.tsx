/** Calling, waiting, promised, asking, done: one table that does not jump while somebody reads it. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ConsoleRow, ConsoleView } from "../shared/contract";
import { Icon } from "../shared/icons";
import { useMedia } from "../shared/media";
import type { Asked } from "./act-dialog";
import { LaneRow } from "./lane-row";
import { arrange, headOf, LANES, type Lane, matches, settle, type Settled } from "./rows";
import { SelectionBar } from "./selection-bar";

interface LanesProps {
  view: ConsoleView;
  search: string;
  brief: boolean; // an overview: first rows and those at risk
  open: string | null;
  onOpen: (callback: string | null) => void;
  onAct: (asked: Asked) => void;
  onLeave: () => void; // Esc
}

const FIRST = 5;
const PAGE = 100;
const READING = 20_000;

export function Lanes({ view, search, brief, open, onOpen, onAct, onLeave }: LanesProps) {
  const table = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [folded, setFolded] = useState<ReadonlySet<Lane>>(new Set(brief ? ["done"] : []));
  const [limit, setLimit] = useState(PAGE);
  const [active, setActive] = useState<string | null>(null);
  const reader = useReader();
  const [settled, release] = useSettled(view.rows, reader.reading);

  const found = search.trim() === "" ? view.rows : view.rows.filter((row) => matches(row, search.trim()));
  const { lanes, held } = arrange(found, settled);
  const shown = (lane: Lane): ConsoleRow[] => {
    const rows = lanes[lane];
    const opened = (row: ConsoleRow): boolean => row.id === open;
    if (search.trim() !== "") return rows.slice(0, limit);
    if (folded.has(lane)) return rows.filter(opened);
    if (!brief) return rows.slice(0, limit);
    const head = new Set(headOf(rows, FIRST));
    return rows.filter((row) => head.has(row) || opened(row));
  };
  const visible = LANES.flatMap(({ lane }) => shown(lane));
  const tabStop = visible.some((row) => row.id === active) ? active : (visible[0]?.id ?? null);
  const movedFrom = useLaneChanges(view.rows);
  useKeptFocus(table, active, movedFrom);
  useEffect(() => {
    const open = new Set(view.rows.filter((row) => row.lane !== "done").map((row) => row.id));
    if ([...selected].some((id) => !open.has(id))) setSelected(new Set([...selected].filter((id) => open.has(id))));
  }, [view.rows]);

  const select = (id: string, on: boolean): void => {
    const next = new Set(selected);
    if (on) next.add(id);
    else next.delete(id);
    setSelected(next);
  };
  const clear = (): void => {
    const first = visible.find((row) => selected.has(row.id));
    setSelected(new Set());
    if (first !== undefined) focusRow(table.current, first.id);
  };
  const fold = (lane: Lane): void => {
    const next = new Set(folded);
    if (!next.delete(lane)) next.add(lane);
    setFolded(next);
  };
  const columns = useColumns(view.can_act);

  return (
    <div
      class="card lanes"
      ref={table}
      onPointerMove={reader.stir}
      onPointerDown={reader.stir}
      onPointerLeave={(event) => !contains(event.currentTarget, document.activeElement) && reader.leave()}
      onFocusIn={reader.stir}
      onFocusOut={(event) => !contains(event.currentTarget, event.relatedTarget) && !event.currentTarget.matches(":hover") && reader.leave()}
      onKeyDown={(event) => {
        reader.stir();
        moveByKey(event, onOpen, open, onLeave);
      }}
    >
      <div role="status" class="new-rows">
        {held.length > 0 && (
          <button type="button" class="button small" onClick={release}>
            {held.length} new
          </button>
        )}
      </div>
      {selected.size > 0 && (
        <SelectionBar rows={view.rows.filter((row) => selected.has(row.id))} onAct={onAct} onClear={clear} />
      )}
      <table class={view.can_act ? "table lane-table acting" : "table lane-table"}>
        <caption class="visually-hidden">Callbacks by where they stand. Arrow keys move between rows, Enter opens the reasons.</caption>
        <thead>
          <tr>
            {view.can_act && (
              <th class="c-select">
                <span class="visually-hidden">Select</span>
              </th>
            )}
            <th scope="col" class="c-customer">
              Customer
            </th>
            <th scope="col" class="c-about">
              About
            </th>
            <th scope="col" class="c-queue">
              Queue
            </th>
            <th scope="col" class="c-promise">
              Promise
            </th>
            <th scope="col" class="c-chance">
              Chance
            </th>
            <th scope="col" class="c-agent">
              Agent
            </th>
            <th scope="col" class="c-why">
              Why, in one line
            </th>
            {view.can_act && (
              <th class="c-acts">
                <span class="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        {LANES.map(({ lane, title }) => {
          const rows = shown(lane);
          const all = lanes[lane].length;
          const isFolded = folded.has(lane);
          return (
            <tbody key={lane}>
              <tr class="lane-head">
                <th colSpan={columns} scope="rowgroup">
                  <button type="button" data-row={`lane-${lane}`} aria-expanded={!isFolded} onClick={() => fold(lane)}>
                    <Icon name={isFolded ? "chevronRight" : "chevronDown"} size={16} />
                    {title} <span class="count">{all === 0 ? "none" : all}</span>
                    <span class="caption">{laneNote(lane, view, rows.length, all, isFolded)}</span>
                  </button>
                </th>
              </tr>
              {rows.map((row) => (
                <LaneRow
                  key={row.id}
                  row={row}
                  view={view}
                  columns={columns}
                  open={row.id === open}
                  moved={movedFrom.has(row.id)}
                  tabStop={row.id === tabStop}
                  selected={selected.has(row.id)}
                  onFocus={() => setActive(row.id)}
                  onToggle={() => onOpen(row.id === open ? null : row.id)}
                  onSelect={(on) => select(row.id, on)}
                  onAct={onAct}
                />
              ))}
              {!isFolded && !brief && all > limit && (
                <tr>
                  <td colSpan={columns}>
                    <button type="button" class="button quiet small" onClick={() => setLimit(limit + PAGE)}>
                      Show {Math.min(PAGE, all - limit)} more
                    </button>
                  </td>
                </tr>
              )}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}

/** How many columns are left at this width: a wider span would add empty ones. The opened row has what is hidden. */
function useColumns(acting: boolean): number {
  const narrow = useMedia("(max-width: 1199px)") ? 2 : 0; // queue, agent
  const narrower = useMedia("(max-width: 899px)") ? 2 : 0; // about, why
  const narrowest = useMedia("(max-width: 559px)") ? 1 : 0; // actions
  return 7 - narrow - narrower + (acting ? 2 - narrowest : 0);
}

function laneNote(lane: Lane, view: ConsoleView, shown: number, all: number, folded: boolean): string {
  const notes: string[] = [];
  if (lane === "waiting" && view.waiting_estimate !== null) notes.push(view.waiting_estimate);
  if (lane === "done" && view.score.on_time !== null) notes.push(`${view.score.kept} kept · ${view.score.broken} broken`);
  if (!folded && shown < all) notes.push(`${shown} of ${all} shown`);
  return notes.join(" · ");
}

/** Somebody reads while pointer or keys stir in the table, and for a while after; whoever went for coffee holds nothing back. */
function useReader(): { reading: boolean; stir: () => void; leave: () => void } {
  const [reading, setReading] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const leave = (): void => {
    clearTimeout(timer.current);
    setReading(false);
  };
  const stir = (): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(leave, READING);
    setReading(true);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return { reading, stir, leave };
}

/** Where rows were when the reading began; null while nobody reads. `release` lets what waited in. */
function useSettled(rows: ConsoleRow[], reading: boolean): [Settled | null, () => void] {
  const kept = useRef<Settled | null>(null);
  const [, again] = useState(0);
  if (!reading) kept.current = null;
  else kept.current ??= settle(rows);
  return [
    kept.current,
    () => {
      kept.current = settle(rows);
      again((count) => count + 1);
    },
  ];
}

/** Rows that came from another lane since the last look: they fade in where they are now. */
function useLaneChanges(rows: ConsoleRow[]): ReadonlySet<string> {
  const before = useRef<Map<string, Lane>>(new Map());
  const moved = new Set(rows.filter((row) => (before.current.get(row.id) ?? row.lane) !== row.lane).map((row) => row.id));
  useEffect(() => {
    before.current = new Map(rows.map((row) => [row.id, row.lane]));
  }, [rows]);
  return moved;
}

/** A focused row that changes lane is drawn anew there: the focus goes with it, at once or when the dialog about it is closed. */
function useKeptFocus(table: { current: HTMLElement | null }, active: string | null, moved: ReadonlySet<string>): void {
  const owed = useRef<string | null>(null);
  useLayoutEffect(() => {
    const focused = document.activeElement;
    const nowhere = focused === null || focused === document.body;
    if (active !== null && moved.has(active)) owed.current = nowhere || focused.closest("dialog") !== null ? active : null;
    if (!nowhere || owed.current === null) return;
    if (owed.current === active) focusRow(table.current, owed.current);
    owed.current = null;
  });
}

function focusRow(table: HTMLElement | null, id: string): void {
  table?.querySelector<HTMLElement>(`[data-row="${id}"]`)?.focus({ preventScroll: true });
}

function contains(element: Element | null, other: EventTarget | null): boolean {
  return other instanceof Node && element?.contains(other) === true;
}

/** Arrows move from row to row, Right opens the reasons, Left closes them, Esc leaves the table. */
function moveByKey(event: KeyboardEvent, onOpen: (id: string | null) => void, open: string | null, onLeave: () => void): void {
  if (!(event.target instanceof HTMLElement) || !(event.currentTarget instanceof HTMLElement) || event.defaultPrevented) return;
  if (event.key === "Escape") {
    event.preventDefault();
    onLeave();
    return;
  }
  const id = event.target.dataset["row"];
  if (id === undefined) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const here = stops.indexOf(event.target);
  const isLane = id.startsWith("lane-");
  if (event.key === "ArrowDown") stops[here + 1]?.focus();
  else if (event.key === "ArrowUp") stops[here - 1]?.focus();
  else if (event.key === "Home") stops[0]?.focus();
  else if (event.key === "End") stops.at(-1)?.focus();
  else if (event.key === "ArrowRight" && !isLane) onOpen(id);
  else if (event.key === "ArrowLeft" && !isLane && open === id) onOpen(null);
  else return;
  event.preventDefault();
}
