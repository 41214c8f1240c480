/** What is typed for a lever that is more than a switch: a number, minutes, an incident's words, when to close and to open again. */
import { placeOf } from "../shared/time";
import type { Lever } from "./levers";

export interface LeverText {
  text: string; // number, minutes, words, or the time of closing
  date: string;
  reopenDate: string;
  reopenTime: string;
}

interface LeverFieldProps {
  lever: Lever;
  value: LeverText;
  zone: string;
  today: string;
  invalid: boolean;
  onChange: (value: LeverText) => void;
}

const NUMBERS = {
  cap: ["Open callbacks at most", "Empty: no cap."],
  wait: ["Longest wait for nine of ten, in minutes", "Where the wait may be longer, only times can be picked. Empty: no cut-off."],
} as const;

export function LeverField({ lever, value, zone, today, invalid, onChange }: LeverFieldProps) {
  const set = (change: Partial<LeverText>): void => onChange({ ...value, ...change });
  if (lever === "cap" || lever === "wait") {
    const [label, note] = NUMBERS[lever];
    return (
      <div class="field">
        <label for="cap">{label}</label>
        <input
          id="cap"
          class="input"
          inputMode="numeric"
          autoComplete="off"
          value={value.text}
          aria-describedby="cap-note"
          aria-invalid={invalid}
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
        <span id="cap-note" class="caption">
          {note}
        </span>
      </div>
    );
  }
  if (lever === "incident") {
    return (
      <div class="field">
        <label for="incident">What customers read instead of offers</label>
        <textarea
          id="incident"
          class="input"
          rows={3}
          maxLength={500}
          value={value.text}
          aria-describedby="incident-note"
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
        <span id="incident-note" class="caption">
          Whoever waits is asked in the chat whether they still need the call. Empty: the incident is over.
        </span>
      </div>
    );
  }
  if (lever !== "close") return null;
  return (
    <>
      <div class="two">
        <div class="field">
          <label for="close-date">Close on</label>
          <input id="close-date" class="input" type="date" value={value.date} min={today} onInput={(event) => set({ date: event.currentTarget.value })} />
        </div>
        <div class="field">
          <label for="close-time">At, {placeOf(zone)}</label>
          <input
            id="close-time"
            class="input"
            type="time"
            value={value.text}
            aria-describedby="close-note"
            aria-invalid={invalid}
            onInput={(event) => set({ text: event.currentTarget.value })}
          />
        </div>
      </div>
      <div class="two">
        <div class="field">
          <label for="reopen-date">Open again on</label>
          <input id="reopen-date" class="input" type="date" value={value.reopenDate} min={value.date} onInput={(event) => set({ reopenDate: event.currentTarget.value })} />
        </div>
        <div class="field">
          <label for="reopen-time">At</label>
          <input id="reopen-time" class="input" type="time" value={value.reopenTime} onInput={(event) => set({ reopenTime: event.currentTarget.value })} />
        </div>
      </div>
      <p id="close-note" class="caption">
        Without a time to open again it stays closed to the end of that day. Without a time to close, it opens by its hours again.
      </p>
    </>
  );
}
