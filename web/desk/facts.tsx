/** Who, where, what about, promised when, why you: the facts of a callback, on the stage and beside the chat. */
import { useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { DeskCallback } from "../shared/contract";
import { Icon } from "../shared/icons";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { useFrame } from "./frame";

/** "11 min left", or how late it is. */
export function TimeLeft({ end }: { end: string }) {
  const minutes = Math.floor((Date.parse(end) - useNow()) / 60_000);
  const late = minutes < 0;
  return (
    <span class={late ? "chip bad" : "chip ok"}>
      <Icon name={late ? "triangle" : "check"} size={16} />
      {late ? `${-minutes} min late` : minutes === 0 ? "under 1 min left" : `${minutes} min left`}
    </span>
  );
}

export function CallbackFacts({ current }: { current: DeskCallback }) {
  return (
    <dl class="facts">
      <dt>Promised</dt>
      <dd>
        {current.promised} <TimeLeft end={current.window_end} />
      </dd>
      <dt>Where</dt>
      <dd>{current.customer.where}</dd>
      <dt>Queue</dt>
      <dd>{current.queue}</dd>
      <dt>Why you</dt>
      <dd>{current.why_you}</dd>
    </dl>
  );
}

/** The full number, by the agent's right and written into the audit; it is gone again with the callback. */
function ShowNumber({ callback }: { callback: string }) {
  const { store } = useFrame();
  const command = useCommand();
  const [number, setNumber] = useState<string | null>(null);
  if (number !== null) return <b>{number}</b>;
  const show = (): void => void command.run(async () => setNumber(await store.number(callback)));
  return (
    <>
      <button type="button" class="link" onClick={show}>
        Show<span class="visually-hidden"> the full number; this is written down</span>
      </button>
      <ProblemLine problem={command.problem} />
    </>
  );
}

export function CustomerFacts({ current }: { current: DeskCallback }) {
  const { customer } = current;
  return (
    <section class="customer-facts" aria-label={`About ${customer.name}`}>
      <h3>{customer.name}</h3>
      <dl class="facts dense">
        <dt>Where</dt>
        <dd>
          {customer.where} {customer.where.startsWith("Phone") && <ShowNumber key={current.callback} callback={current.callback} />}{" "}
          {customer.number_proved && customer.where.startsWith("Phone") && !customer.where.includes("proved") && (
            <span class="chip ok">
              <Icon name="shield" size={14} />
              proved
            </span>
          )}
        </dd>
        <dt>Consent</dt>
        <dd>{customer.consent ?? "none stored"}</dd>
        <dt>Last time</dt>
        <dd>{customer.last_time ?? "first contact"}</dd>
        <dt>Local time</dt>
        <dd>{customer.local_time}</dd>
      </dl>
    </section>
  );
}
