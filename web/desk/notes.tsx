/** Notes of one attempt: kept in the tab at every key, so that neither a reload nor a lost connection takes them. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Key, useKeyName, useShortcuts } from "../shared/shortcuts";
import { useFrame } from "./frame";

interface Kept {
  text: string;
  at: string | null;
}

export interface Notes extends Kept {
  write: (text: string) => void;
}

const shelf = (attempt: string): string => `ringback-notes:${attempt}`;

export function useNotes(attempt: string | null): Notes {
  const [kept, setKept] = useState<Kept>({ text: "", at: null });
  useEffect(() => {
    const stored = attempt === null ? null : sessionStorage.getItem(shelf(attempt));
    setKept(stored === null ? { text: "", at: null } : (JSON.parse(stored) as Kept));
  }, [attempt]);
  const write = (text: string): void => {
    if (attempt === null) return;
    const next = { text, at: new Date().toISOString() };
    sessionStorage.setItem(shelf(attempt), JSON.stringify(next));
    setKept(next);
  };
  return { ...kept, write };
}

/** The callback is over and its notes are with the server. */
export function forgetNotes(attempt: string): void {
  sessionStorage.removeItem(shelf(attempt));
}

export function NotesField({ notes }: { notes: Notes }) {
  const { at } = useFrame();
  const field = useRef<HTMLTextAreaElement>(null);
  useShortcuts({ n: () => field.current?.focus() });
  return (
    <div class="notes">
      <div class="notes-head">
        <label for="notes">
          Notes <Key of="N" />
        </label>
        <span class="caption">{notes.at === null ? "Sent with the outcome" : `Kept on this page ${at(notes.at)}`}</span>
      </div>
      <textarea
        id="notes"
        ref={field}
        class="input"
        value={notes.text}
        maxLength={4000}
        onInput={(event) => notes.write(event.currentTarget.value)}
        {...useKeyName("N")}
      />
    </div>
  );
}
