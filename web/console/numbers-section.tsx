/** The do-not-call list: looked through, searched by number, added to and taken from. Each look is in the audit. */
import { useEffect, useRef, useState } from "preact/hooks";
import { announceNow } from "../shared/announcer";
import { problemOf, useCommand } from "../shared/command";
import type { Problem } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import type { ListedNumber } from "./commands";
import { useFrame } from "./frame";

const SOURCES: Record<ListedNumber["source"], string> = {
  added: "Added by hand",
  import: "Imported",
  stop: "The customer wrote STOP",
  agent: "Said by an agent",
};

export function NumbersSection() {
  const { me } = useFrame();
  const [typed, setTyped] = useState("");
  const [wanted, setWanted] = useState("");
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ListedNumber | null>(null);
  const { items, more, problem, changed, loading } = useNumbers(wanted);
  const may = me.roles.includes("admin");
  const find = (event: Event): void => {
    event.preventDefault();
    setWanted(typed.trim());
  };
  return (
    <section class="card number-list" aria-label="Do not call">
      <div class="number-acts">
        <form role="search" aria-label="Find a number" onSubmit={find}>
          <div class="field">
            <label for="find-number">Number</label>
            <input
              id="find-number"
              class="input"
              type="tel"
              placeholder="+44 20 7946 0444"
              autoComplete="off"
              value={typed}
              onInput={(event) => {
                setTyped(event.currentTarget.value);
                if (event.currentTarget.value === "") setWanted("");
              }}
            />
          </div>
          <button type="submit" class="button outlined">
            Find
          </button>
        </form>
        {may && (
          <button type="button" class="button filled" onClick={() => setAdding(true)}>
            Add a number
          </button>
        )}
      </div>
      <p class="second dense">These numbers are never called, whoever asks. Each look at this list is written into the audit.</p>
      <ProblemLine problem={problem} />
      {loading ? (
        <div class="loading tall" aria-hidden="true">
          <i />
          <i />
        </div>
      ) : (
        problem === null && (items.length === 0 ? <Nothing wanted={wanted} /> : <Numbers items={items} onRemove={may ? setRemoving : null} />)
      )}
      {more !== null && (
        <button type="button" class="button outlined" onClick={more}>
          Show older ones
        </button>
      )}
      {adding && <AddDialog onClose={() => setAdding(false)} onDone={changed} />}
      {removing !== null && <RemoveDialog entry={removing} onClose={() => setRemoving(null)} onDone={changed} />}
    </section>
  );
}

function Nothing({ wanted }: { wanted: string }) {
  return <p>{wanted === "" ? "No number is on the list." : `${wanted} is not on the list: it may be called.`}</p>;
}

function Numbers({ items, onRemove }: { items: ListedNumber[]; onRemove: ((entry: ListedNumber) => void) | null }) {
  const { dayAndTime } = useMoments();
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Numbers">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">How it came here</th>
            <th scope="col">Note</th>
            <th scope="col">When</th>
            {onRemove && (
              <th scope="col">
                <span class="visually-hidden">Acts</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <tr key={entry.number}>
              <th scope="row" class="strong">
                {entry.number}
              </th>
              <td>{SOURCES[entry.source]}</td>
              <td>{entry.note ?? "–"}</td>
              <td class="second">
                <time dateTime={entry.added_at}>{dayAndTime(entry.added_at)}</time>
              </td>
              {onRemove && (
                <td class="acts">
                  <button type="button" class="button outlined small" aria-label={`Take off: ${entry.number}`} onClick={() => onRemove(entry)}>
                    Take off
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AddDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { commands } = useFrame();
  const command = useCommand();
  const [number, setNumber] = useState("");
  const [note, setNote] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!(await command.run(() => commands.listNumber(number.trim(), note.trim())))) return;
    announceNow("The number is on the list");
    onDone();
    onClose();
  };
  return (
    <Dialog title="Never call a number" onClose={onClose}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for="listed-number">Number</label>
          <input
            id="listed-number"
            class="input"
            type="tel"
            autoComplete="off"
            value={number}
            aria-invalid={command.problem !== null}
            aria-describedby="listed-number-note"
            onInput={(event) => (setNumber(event.currentTarget.value), command.clear())}
          />
          <span id="listed-number-note" class="caption">
            With + and its country code. Callbacks that wait for it are closed with a message when they come up.
          </span>
        </div>
        <div class="field">
          <label for="listed-note">Note</label>
          <input id="listed-note" class="input" maxLength={200} autoComplete="off" value={note} onInput={(event) => setNote(event.currentTarget.value)} />
          <span class="caption">Why, for whoever reads this list. It may stay empty.</span>
        </div>
        <ProblemLine problem={command.problem} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Leave as it is
          </button>
          <button type="submit" class="button filled" aria-disabled={command.busy}>
            {command.busy ? "Asking…" : "Never call it"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function RemoveDialog({ entry, onClose, onDone }: { entry: ListedNumber; onClose: () => void; onDone: () => void }) {
  const { commands } = useFrame();
  const command = useCommand();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!(await command.run(() => commands.unlistNumber(entry.number)))) return;
    announceNow("The number is off the list");
    onDone();
    onClose();
  };
  return (
    <Dialog title={`Take ${entry.number} off the list`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <p>
          {entry.source === "stop" ? "This customer wrote STOP. Take it off only when they asked for calls again. " : ""}
          From now on it may be called when somebody asks for it. This is kept in the audit with your name.
        </p>
        <ProblemLine problem={command.problem} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Leave as it is
          </button>
          <button type="submit" class="button filled" aria-disabled={command.busy}>
            {command.busy ? "Asking…" : "Take it off"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function useMoments(): { dayAndTime: (instant: string) => string } {
  const { zone } = useFrame();
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  return { dayAndTime: (instant) => format.format(new Date(instant)) };
}

interface NumberPages {
  items: ListedNumber[];
  more: (() => void) | null;
  problem: Problem | null;
  changed: () => void;
  loading: boolean;
}

/** The pages read so far; an answer to an older question is dropped. */
function useNumbers(wanted: string): NumberPages {
  const { commands } = useFrame();
  const [items, setItems] = useState<ListedNumber[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const question = useRef(0);
  const read = (after: string | null): void => {
    const mine = ++question.current;
    commands.listedNumbers(after, wanted).then(
      (page) => {
        if (mine !== question.current) return;
        setItems((before) => [...(after === null ? [] : (before ?? [])), ...page.items]);
        setNext(page.next);
        setProblem(null);
      },
      (failure: unknown) => {
        if (mine !== question.current) return;
        setProblem(problemOf(failure));
        if (after === null) setItems([]);
      },
    );
  };
  useEffect(() => {
    setItems(null);
    setNext(null);
    setProblem(null);
    read(null);
  }, [wanted]);
  return { items: items ?? [], more: next === null ? null : () => read(next), problem, changed: () => read(null), loading: items === null };
}
