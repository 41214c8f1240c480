/** Which callbacks to act on, by what they have in common, and what to do with them; the next step shows who they are. */
import { useState } from "preact/hooks";
import type { ConsoleView } from "../shared/contract";
import { Dialog } from "../shared/dialog";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { placeOf } from "../shared/time";
import { instantIn, localDate } from "../shared/zoned";
import type { Asked } from "./act-dialog";
import type { BulkAction, Filter } from "./commands";
import { useFrame } from "./frame";

interface FilterDialogProps {
  view: ConsoleView;
  onChosen: (asked: Asked) => void;
  onClose: () => void;
}

const ACTIONS: readonly [BulkAction, string][] = [
  ["offer_move", "Offer a move"],
  ["move", "Move"],
  ["reassign", "Reassign"],
  ["message", "Write to them"],
  ["cancel", "Cancel"],
];

export function FilterDialog({ view, onChosen, onClose }: FilterDialogProps) {
  const { zone } = useFrame();
  const today = localDate(useNow(false), zone);
  const [action, setAction] = useState<BulkAction>("offer_move");
  const [queue, setQueue] = useState("");
  const [agent, setAgent] = useState("");
  const [only, setOnly] = useState("");
  const [date, setDate] = useState(today);
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [problem, setProblem] = useState<string | null>(null);

  const submit = (event: Event): void => {
    event.preventDefault();
    const begins = from === "" ? null : instantIn(date, from, zone);
    const ends = until === "" ? null : instantIn(date, until, zone);
    const filter: Filter = {
      ...(queue === "" ? {} : { queue }),
      ...(agent === "" ? {} : { agent }),
      ...(only === "at_risk" ? { at_risk: true } : only === "short" ? { short: true } : {}),
      ...(begins === null ? {} : { promised_from: begins }),
      ...(ends === null ? {} : { promised_until: ends }),
    };
    if (Object.keys(filter).length === 0) setProblem("Choose a queue, an agent, a time or a kind.");
    else if (begins !== null && ends !== null && ends <= begins) setProblem("The times end before they begin.");
    else onChosen({ action, callbacks: [], filter: { of: filter, words: wordsOf() } });
  };
  const wordsOf = (): string => {
    const named = view.agents.find((one) => one.id === agent)?.name;
    const kind = only === "at_risk" ? "at risk" : only === "short" ? "in short slots" : null;
    const times = from === "" && until === "" ? null : `${from || "00:00"}–${until || "24:00"}`;
    return [view.queues.find((one) => one.slug === queue)?.name, named, kind, times].filter((part) => part != null).join(", ");
  };

  return (
    <Dialog title="Act on many" onClose={onClose}>
      <form noValidate onSubmit={submit}>
        <p class="second">Open callbacks that meet everything chosen here. Who they are is shown before anything happens.</p>
        <div class="field">
          <label for="many-action">Do</label>
          <select id="many-action" class="input" value={action} onChange={(event) => setAction(event.currentTarget.value as BulkAction)}>
            {ACTIONS.map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <div class="two">
          <div class="field">
            <label for="many-queue">Queue</label>
            <select id="many-queue" class="input" value={queue} onChange={(event) => setQueue(event.currentTarget.value)}>
              <option value="">Any</option>
              {view.queues.map((one) => (
                <option key={one.slug} value={one.slug}>
                  {one.name}
                </option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for="many-agent">Asked for</label>
            <select id="many-agent" class="input" value={agent} onChange={(event) => setAgent(event.currentTarget.value)}>
              <option value="">Anyone</option>
              {view.agents.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </div>
        </div>
        <div class="field">
          <label for="many-kind">Only</label>
          <select id="many-kind" class="input" value={only} onChange={(event) => setOnly(event.currentTarget.value)}>
            <option value="">All of them</option>
            <option value="at_risk">Those told that we may be late</option>
            <option value="short">Those in slots that are short</option>
          </select>
        </div>
        <div class="date-and-times">
          <div class="field">
            <label for="many-date">Promised on</label>
            <input id="many-date" class="input" type="date" value={date} onInput={(event) => setDate(event.currentTarget.value)} />
          </div>
          <div class="field">
            <label for="many-from">From</label>
            <input id="many-from" class="input" type="time" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
          </div>
          <div class="field">
            <label for="many-until">Until</label>
            <input id="many-until" class="input" type="time" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
          </div>
        </div>
        <p class="caption">Times in {placeOf(zone)}; without them, at any time.</p>
        <ProblemLine problem={problem === null ? null : { type: "missing", title: problem, status: 0, detail: problem }} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Leave as it is
          </button>
          <button type="submit" class="button filled">
            Go on
          </button>
        </div>
      </form>
    </Dialog>
  );
}
