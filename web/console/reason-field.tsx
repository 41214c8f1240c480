/** The reason that every act of a supervisor carries into the audit. */
import { useRef, useState } from "preact/hooks";
import { Icon } from "../shared/icons";

export interface Reason {
  text: string;
  missing: boolean;
  field: { current: HTMLInputElement | null };
  write: (text: string) => void;
  check: () => boolean; // says what is missing and moves there
}

export function useReason(): Reason {
  const [text, setText] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  return {
    text,
    missing,
    field,
    write: (next) => {
      setText(next);
      setMissing(false);
    },
    check: () => {
      const given = text.trim() !== "";
      setMissing(!given);
      if (!given) field.current?.focus();
      return given;
    },
  };
}

export function ReasonField({ reason }: { reason: Reason }) {
  return (
    <div class="field">
      <label for="reason">Reason</label>
      <input
        id="reason"
        ref={reason.field}
        class="input"
        value={reason.text}
        maxLength={300}
        autoComplete="off"
        aria-invalid={reason.missing}
        aria-describedby="reason-note"
        onInput={(event) => reason.write(event.currentTarget.value)}
      />
      <span id="reason-note" class={reason.missing ? "error" : "caption"}>
        {reason.missing && <Icon name="triangle" size={16} />}
        {reason.missing ? "Say why, in a few words." : "Kept in the audit with your name."}
      </span>
    </div>
  );
}
