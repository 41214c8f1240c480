/** The ways to choose: a list with details, a grid of times, a row of days. Arrow keys move inside each group. */
import type { AgentBadge, PromptDay, PromptOption } from "../shared/contract";
import { DrawnIcon } from "../shared/icon";
import * as icons from "../shared/icon-paths";
import { words } from "./words";

interface ChoiceProps {
  name: string;
  labelledBy: string;
  options: PromptOption[];
  chosen: string;
  onChoose: (token: string) => void;
}

export function Choices({ name, labelledBy, options, chosen, onChoose }: ChoiceProps) {
  const people = options.some((option) => option.badge);
  return (
    <div class="choices" role="radiogroup" aria-labelledby={labelledBy}>
      {options.map((option) => (
        <label key={option.token} class="choice">
          <input
            type="radio"
            name={name}
            checked={option.token === chosen}
            disabled={option.disabled !== null}
            onChange={() => onChoose(option.token)}
          />
          {people && <Avatar option={option} />}
          <span class="choice-text">
            <b>{option.label}</b>
            {(option.disabled ?? option.detail) && <small>{option.disabled ?? option.detail}</small>}
          </span>
          {option.badge && <Badge badge={option.badge} />}
        </label>
      ))}
    </div>
  );
}

export function Times({ name, labelledBy, options, chosen, onChoose }: ChoiceProps) {
  return (
    <div class="times" role="radiogroup" aria-labelledby={labelledBy}>
      {options.map((option) => (
        <label key={option.token} class="time-choice">
          <input
            type="radio"
            name={name}
            checked={option.token === chosen}
            disabled={option.disabled !== null}
            onChange={() => onChoose(option.token)}
          />
          <span>{option.label}</span>
          {option.disabled && <small>{option.disabled}</small>}
        </label>
      ))}
    </div>
  );
}

/** Picking a day asks for its times, so arrows only move: Enter or Space picks. */
export function Days({ days, label, disabled, onPick }: { days: PromptDay[]; label: string; disabled: boolean; onPick: (token: string) => void }) {
  return (
    <div
      class="days"
      role="group"
      aria-label={label}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const buttons = [...event.currentTarget.querySelectorAll("button")];
        const at = buttons.indexOf(event.target as HTMLButtonElement);
        buttons[(at + step + buttons.length) % buttons.length]?.focus();
      }}
    >
      {days.map((day) => (
        <button
          key={day.token}
          class="day"
          aria-pressed={day.selected}
          aria-disabled={day.full || disabled}
          onClick={() => {
            if (!day.full && !disabled && !day.selected) onPick(day.token);
          }}
        >
          <b>{day.label}</b>
          <small>{day.full ? words.full : day.detail}</small>
        </button>
      ))}
    </div>
  );
}

function Avatar({ option }: { option: PromptOption }) {
  const person = option.badge && option.badge !== "free_now";
  return (
    <span class={`avatar${option.badge === "away" ? " away" : ""}`} aria-hidden="true">
      {person ? option.label.slice(0, 1) : <DrawnIcon d={option.badge ? icons.headset : icons.people} size={18} />}
    </span>
  );
}

const BADGE_ICONS: Record<AgentBadge, string> = {
  available: icons.dot,
  free_now: icons.dot,
  on_a_call: icons.phone,
  in_chats: icons.bubble,
  wrap_up: icons.pencil,
  away: icons.ring,
};

function Badge({ badge }: { badge: AgentBadge }) {
  return (
    <span class={`badge${badge === "available" || badge === "free_now" ? " ok" : ""}`}>
      <DrawnIcon d={BADGE_ICONS[badge]} size={14} />
      {words.badges[badge]}
    </span>
  );
}
