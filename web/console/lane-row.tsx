/** One callback in its lane: the promise, the chance, the reason in one line; opened, everything behind it. */
import type { ConsoleRow, ConsoleView, Possible } from "../shared/contract";
import { Icon, type IconName } from "../shared/icons";
import { Menu, MenuItem } from "../shared/menu";
import { useNow } from "../shared/ticking";
import type { Asked } from "./act-dialog";
import { Chance } from "./chance";
import type { Action } from "./commands";
import { queueName } from "./frame";
import { RowDetail } from "./row-detail";
import { isAtRisk } from "./rows";

interface LaneRowProps {
  row: ConsoleRow;
  view: ConsoleView;
  columns: number;
  open: boolean;
  moved: boolean;
  tabStop: boolean;
  selected: boolean;
  onFocus: () => void;
  onToggle: () => void;
  onSelect: (on: boolean) => void;
  onAct: (asked: Asked) => void;
}

const LANE_ICONS: Record<ConsoleRow["lane"], IconName> = { calling: "bell", waiting: "clock", promised: "calendar", asking: "info", done: "check" };

function iconOf(row: ConsoleRow): IconName {
  if (row.lane === "done" && row.state !== "done") return "cross"; // cancelled, or closed by us
  return row.lane === "calling" && row.state === "talking" ? "phone" : LANE_ICONS[row.lane];
}

export const ROW_ACTIONS: readonly [Action, keyof Possible, string][] = [
  ["move", "move", "Move"],
  ["reassign", "reassign", "Reassign"],
  ["call-next", "call_next", "Call next"],
  ["cancel", "cancel", "Cancel"],
];

export function LaneRow({ row, view, columns, open, moved, tabStop, selected, onFocus, onToggle, onSelect, onAct }: LaneRowProps) {
  const now = useNow(row.lane !== "done", 10_000);
  const atRisk = isAtRisk(row);
  const stop = tabStop ? 0 : -1;
  const mayAct = view.can_act && row.lane !== "done";
  const can = ROW_ACTIONS.filter(([, right]) => row.can[right]);
  return (
    <>
      <tr class={`lane-row ${open ? "open" : ""} ${moved ? "moved" : ""}`} onFocusIn={onFocus}>
        {view.can_act && (
          <td class="c-select">
            {mayAct && (
              <input
                type="checkbox"
                tabIndex={stop}
                checked={selected}
                aria-label={`Select ${row.customer}`}
                onChange={(event) => onSelect(event.currentTarget.checked)}
              />
            )}
          </td>
        )}
        <th scope="row" class="c-customer">
          <button type="button" class="opener" data-row={row.id} tabIndex={stop} aria-expanded={open} onClick={onToggle}>
            <Icon name={open ? "chevronDown" : "chevronRight"} size={16} />
            <span class={atRisk ? "bad-text" : "accent-text"}>
              <Icon name={atRisk ? "triangle" : iconOf(row)} size={16} {...(atRisk ? { label: "At risk:" } : {})} />
            </span>
            <span class="truncated" title={row.customer}>
              {row.customer}
            </span>
          </button>
        </th>
        <td class="c-about second truncated" title={row.about ?? undefined}>
          {row.about ?? "–"}
        </td>
        <td class="c-queue second truncated">{queueName(view, row.queue)}</td>
        <td class="c-promise">
          <b>{row.promise}</b> <span class="second">{row.lane === "done" ? "" : timeLeft(row.promise_end, now)}</span>
        </td>
        <td class="c-chance">{row.lane === "done" ? <span class="second">–</span> : <Chance chance={row.chance} />}</td>
        <td class="c-agent truncated" title={row.agent ?? undefined}>
          {row.agent ?? <span class="second">any</span>}
        </td>
        <td class="c-why truncated" title={row.why}>
          {row.why}
        </td>
        {view.can_act && (
          <td class="c-acts">
            {mayAct && can.length > 0 && (
              <Menu buttonClass="button quiet small icon-only" name={`Actions for ${row.customer}`} label={<Icon name="more" size={18} />} tabIndex={stop}>
                {(close) =>
                  can.map(([action, , words]) => (
                    <MenuItem key={action} onChoose={() => (close(), onAct({ action, callbacks: [{ id: row.id, customer: row.customer }] }))}>
                      {words}
                    </MenuItem>
                  ))
                }
              </Menu>
            )}
          </td>
        )}
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={columns}>
            <RowDetail row={row} mayAct={view.can_act} onAct={onAct} />
          </td>
        </tr>
      )}
    </>
  );
}

/** "11 min left", "4 min late", "1 h 51 min left"; nothing beyond a day. */
export function timeLeft(end: string, now: number): string {
  const minutes = Math.floor((Date.parse(end) - now) / 60_000);
  if (minutes < 0) return `${-minutes} min late`;
  if (minutes >= 24 * 60) return "";
  return minutes < 60 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
