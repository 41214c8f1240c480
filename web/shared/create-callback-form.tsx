/** Who, where, which queue, when, what about; what the server refuses is said under the fields. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useCommand } from "./command";
import type { Problem, ProviderChoice } from "./contract";
import { belongsTo, Field } from "./field";
import { ProblemLine } from "./problem-line";
import { useNow } from "./ticking";
import { clock, day, placeOf, range } from "./time";
import { instantIn, localDate } from "./zoned";

interface CreateCallbackFormProps {
  providers: ProviderChoice[];
  zone: string;
  create: (request: Record<string, unknown>) => Promise<unknown>;
  onDone: () => void;
}

export function CreateCallbackForm({ providers, zone, create, onDone }: CreateCallbackFormProps) {
  const command = useCommand();
  const now = useNow(false);
  const [booked, setBooked] = useState<string | null>(null);
  const closing = useRef<HTMLButtonElement>(null);
  useEffect(() => closing.current?.focus(), [booked]);
  const [missing, setMissing] = useState<Problem | null>(null);
  const [values, setValues] = useState({
    name: "",
    number: "",
    provider: providers[0]?.address ?? "",
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
    await command.run(async () => {
      const answer = await create({
        provider: values.provider,
        when: start === null ? { kind: "asap", zone } : { kind: "instant", zone, start },
        destination: { number: values.number.trim() },
        person: { name: values.name.trim() || null },
        topic: values.topic.trim() === "" ? null : values.topic.trim(),
      });
      setBooked(bookedWords(answer, zone));
    });
  };

  if (booked !== null) {
    return (
      <div class="booked">
        <p role="status">{booked}</p>
        <div class="actions">
          <button ref={closing} type="button" class="button filled" onClick={onDone}>
            Close
          </button>
        </div>
      </div>
    );
  }
  const problem = missing ?? command.problem;
  const said = FIELDS.some((name) => belongsTo(problem, name)); // under its field already
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <Field id="create-name" label="Customer’s name" name="name" problem={problem}>
        {(field) => <input {...field} autoComplete="off" value={values.name} onInput={(event) => change({ name: event.currentTarget.value })} />}
      </Field>
      <Field id="create-number" label="Number to call, with country code" name="number" problem={problem}>
        {(field) => (
          <input
            {...field}
            type="tel"
            autoComplete="off"
            placeholder="+44 20 7946 0000"
            value={values.number}
            onInput={(event) => change({ number: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field id="create-queue" label="Queue" name="provider" problem={problem}>
        {(field) => (
          <select {...field} value={values.provider} onChange={(event) => change({ provider: event.currentTarget.value })}>
            {providers.map((provider) => (
              <option key={provider.address} value={provider.address}>
                {provider.name}
              </option>
            ))}
          </select>
        )}
      </Field>
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
            <Field id="create-date" label="Date" name="date" problem={problem}>
              {(field) => (
                <input {...field} type="date" min={localDate(now, zone)} value={values.date} onInput={(event) => change({ date: event.currentTarget.value })} />
              )}
            </Field>
            <Field id="create-time" label={`Time, ${placeOf(zone)}`} name="start" problem={problem}>
              {(field) => <input {...field} type="time" value={values.time} onInput={(event) => change({ time: event.currentTarget.value })} />}
            </Field>
          </div>
        )}
      </fieldset>
      <Field id="create-topic" label="What about" name="topic" problem={problem}>
        {(field) => <input {...field} maxLength={200} value={values.topic} onInput={(event) => change({ topic: event.currentTarget.value })} />}
      </Field>
      <div class="consent">
        <label class="choice">
          <input
            type="checkbox"
            checked={values.consent}
            aria-invalid={belongsTo(problem, "consent")}
            aria-describedby="create-problem"
            onChange={(event) => change({ consent: event.currentTarget.checked })}
          />
          The customer asked to be called on this number about this.
        </label>
      </div>
      <ProblemLine problem={said ? null : problem} id="create-problem" />
      <div class="actions">
        <button type="submit" class="button filled" aria-disabled={command.busy}>
          {command.busy ? "Booking…" : "Book the callback"}
        </button>
      </div>
    </form>
  );
}

/** The answer names the promise once the interaction manager has accepted; before that it is only on its way. */
interface Created {
  promise?: { window: { start: string; end: string }; early_is_fine: boolean } | null;
}

function bookedWords(answer: unknown, zone: string): string {
  const promise = (answer as Created | undefined)?.promise;
  if (!promise) return "Asked for. It is in the lists as soon as it is accepted.";
  const { start, end } = promise.window;
  const when = promise.early_is_fine ? `by ${clock(end, zone)}` : range(start, end, zone);
  return `Booked: ${day(end, new Date(), zone)}, ${when}.`;
}

const FIELDS = ["name", "number", "provider", "date", "start", "topic"];

function whatIsMissing(values: { number: string; asap: boolean; consent: boolean }, start: string | null, now: number): Problem | null {
  const problem = (field: string, detail: string): Problem => ({ type: "missing", title: detail, status: 0, detail, field });
  if (values.number.trim() === "") return problem("number", "Type the number to call.");
  if (!values.asap && start === null) return problem("start", "Choose a date and a time.");
  if (start !== null && Date.parse(start) <= now) return problem("start", "This time has passed. Choose a later one.");
  return values.consent ? null : problem("consent", "Confirm that the customer asked for this call.");
}
