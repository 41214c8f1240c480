/** Who, where, which queue, when, what about; what the server refuses is said under the fields. */
import { useState } from "preact/hooks";
import { useCommand } from "./command";
import type { Problem } from "./contract";
import { ProblemLine } from "./problem-line";
import { useNow } from "./ticking";
import { placeOf } from "./time";
import { instantIn, localDate } from "./zoned";

export interface QueueChoice {
  slug: string;
  name: string;
}

interface CreateCallbackFormProps {
  queues: QueueChoice[];
  zone: string;
  create: (request: Record<string, unknown>) => Promise<unknown>;
  onDone: () => void;
}

export function CreateCallbackForm({ queues, zone, create, onDone }: CreateCallbackFormProps) {
  const command = useCommand();
  const now = useNow(false);
  const [missing, setMissing] = useState<Problem | null>(null);
  const [values, setValues] = useState({
    name: "",
    number: "",
    queue: queues[0]?.slug ?? "",
    asap: true,
    date: localDate(now, zone),
    time: "",
    topic: "",
    consent: false,
  });
  const change = (part: Partial<typeof values>): void => {
    setValues({ ...values, ...part });
    setMissing(null);
    command.clear();
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const start = values.asap ? null : instantIn(values.date, values.time, zone);
    const problem = whatIsMissing(values, start, now);
    setMissing(problem);
    if (problem !== null) return;
    const done = await command.run(() =>
      create({
        queue: values.queue,
        when: start === null ? { kind: "asap", zone } : { kind: "instant", zone, start },
        destination: { kind: "phone", number: values.number.trim() },
        person: { name: values.name.trim() },
        topic: values.topic.trim() === "" ? null : values.topic.trim(),
      }),
    );
    if (done) onDone();
  };

  const problem = missing ?? command.problem;
  const invalid = (field: string) => ({ "aria-invalid": problem?.field?.endsWith(field) === true, "aria-describedby": "create-problem" });
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <div class="field">
        <label for="create-name">Customer’s name</label>
        <input id="create-name" class="input" autoComplete="off" value={values.name} onInput={(event) => change({ name: event.currentTarget.value })} {...invalid("name")} />
      </div>
      <div class="field">
        <label for="create-number">Number to call, with country code</label>
        <input
          id="create-number"
          class="input"
          type="tel"
          autoComplete="off"
          placeholder="+44 20 7946 0000"
          value={values.number}
          onInput={(event) => change({ number: event.currentTarget.value })}
          {...invalid("number")}
        />
      </div>
      <div class="field">
        <label for="create-queue">Queue</label>
        <select id="create-queue" class="input" value={values.queue} onChange={(event) => change({ queue: event.currentTarget.value })}>
          {queues.map((queue) => (
            <option key={queue.slug} value={queue.slug}>
              {queue.name}
            </option>
          ))}
        </select>
      </div>
      <fieldset class="when">
        <legend class="label">When</legend>
        <label class="choice">
          <input type="radio" name="create-when" checked={values.asap} onChange={() => change({ asap: true })} />
          As soon as possible
        </label>
        <label class="choice">
          <input type="radio" name="create-when" checked={!values.asap} onChange={() => change({ asap: false })} />
          At a time
        </label>
        {!values.asap && (
          <div class="two">
            <div class="field">
              <label for="create-date">Date</label>
              <input id="create-date" class="input" type="date" min={localDate(now, zone)} value={values.date} onInput={(event) => change({ date: event.currentTarget.value })} {...invalid("date")} />
            </div>
            <div class="field">
              <label for="create-time">Time, {placeOf(zone)}</label>
              <input id="create-time" class="input" type="time" value={values.time} onInput={(event) => change({ time: event.currentTarget.value })} {...invalid("time")} />
            </div>
          </div>
        )}
      </fieldset>
      <div class="field">
        <label for="create-topic">What about</label>
        <input id="create-topic" class="input" maxLength={200} value={values.topic} onInput={(event) => change({ topic: event.currentTarget.value })} />
      </div>
      <label class="choice">
        <input type="checkbox" checked={values.consent} onChange={(event) => change({ consent: event.currentTarget.checked })} {...invalid("consent")} />
        The customer asked to be called on this number about this.
      </label>
      <ProblemLine problem={problem} id="create-problem" />
      <div class="actions">
        <button type="submit" class="button filled" aria-disabled={command.busy}>
          {command.busy ? "Booking…" : "Book the callback"}
        </button>
      </div>
    </form>
  );
}

function whatIsMissing(values: { number: string; asap: boolean; consent: boolean }, start: string | null, now: number): Problem | null {
  const problem = (field: string, detail: string): Problem => ({ type: "missing", title: detail, status: 0, detail, field });
  if (values.number.trim() === "") return problem("number", "Type the number to call.");
  if (!values.asap && start === null) return problem("time", "Choose a date and a time.");
  if (start !== null && Date.parse(start) <= now) return problem("time", "This time has passed. Choose a later one.");
  return values.consent ? null : problem("consent", "Confirm that the customer asked for this call.");
}
