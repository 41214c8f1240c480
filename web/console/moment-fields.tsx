/** A day and a time in the business's zone, and what is wrong with them when they do not lie ahead. */
import type { Problem } from "../shared/contract";
import { placeOf } from "../shared/time";
import { localDate } from "../shared/zoned";

interface MomentFieldsProps {
  id: string;
  label: string; // of the day
  date: string;
  time: string;
  zone: string;
  now: number;
  invalid: boolean;
  onDate: (date: string) => void;
  onTime: (time: string) => void;
}

export function MomentFields({ id, label, date, time, zone, now, invalid, onDate, onTime }: MomentFieldsProps) {
  return (
    <div class="two">
      <div class="field">
        <label for={`${id}-date`}>{label}</label>
        <input id={`${id}-date`} class="input" type="date" value={date} min={localDate(now, zone)} onInput={(event) => onDate(event.currentTarget.value)} />
      </div>
      <div class="field">
        <label for={`${id}-time`}>Time, {placeOf(zone)}</label>
        <input id={`${id}-time`} class="input" type="time" value={time} aria-invalid={invalid} onInput={(event) => onTime(event.currentTarget.value)} />
      </div>
    </div>
  );
}

/** Says what to mend where the moment is not complete or lies behind. */
export function momentProblem(at: string | null, now: number): Problem | null {
  const detail = at === null ? "Choose a date and a time." : Date.parse(at) <= now ? "This time has passed. Choose a later one." : null;
  return detail === null ? null : { type: "missing", title: detail, status: 0, detail, field: "time" };
}
