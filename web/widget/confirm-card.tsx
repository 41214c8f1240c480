/** Where to call, what about, consent and yes in one step. The button always works; it says what is missing. */
import { useEffect, useRef, useState } from "preact/hooks";

import { DrawnIcon } from "../shared/icon";
import * as icons from "../shared/icon-paths";
import { Buttons, Outcome, Problem, Summary, type PromptProps } from "./prompt-card";
import { words } from "./words";

type Missing = "number" | "topic" | "consent";

const UNSURE_AFTER = 3_000;

export function ConfirmFields(props: PromptProps) {
  const { chat, prompt } = props;
  const [where, setWhere] = useState(prompt.destinations[0] ?? "browser");
  const [number, setNumber] = useState("");
  const [topic, setTopic] = useState(prompt.summary.find((line) => line.label === "About")?.value ?? "");
  const [consent, setConsent] = useState(false);
  const [missing, setMissing] = useState<Missing | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const sending = chat.isSending(prompt.id);
  const unsure = useUnsure(sending);
  const refusal = chat.refusals[prompt.id];
  const field = refusal?.field as Missing | undefined;
  const token = (prompt.options.find((option) => option.style === "primary") ?? prompt.options[0])?.token ?? "";

  const focus = (name: Missing) => form.current?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
  useEffect(() => {
    if (field) focus(field);
  }, [refusal]);

  const submit = () => {
    if (sending) return;
    const lacks: Missing | null = where === "phone" && !number.trim() ? "number" : prompt.consent && !consent ? "consent" : null;
    setMissing(lacks);
    if (lacks) return focus(lacks);
    chat.answer(prompt, {
      token,
      destination: where,
      ...(where === "phone" ? { number: number.trim() } : {}),
      ...(topic.trim() ? { topic: topic.trim() } : {}),
      ...(prompt.consent ? { consent } : {}),
    });
  };
  const fault = (name: Missing, words: string) => (field === name ? refusal?.detail : missing === name ? words : undefined);
  const numberFault = fault("number", words.numberMissing);
  const topicFault = fault("topic", "");
  const consentFault = fault("consent", words.consentMissing);

  return (
    <form
      ref={form}
      class="body"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h3 id="rb-where">{prompt.title || words.where}</h3>
      {!prompt.context && <Summary prompt={prompt} />}
      {prompt.destinations.length > 1 && (
        <div class="segments" role="radiogroup" aria-labelledby="rb-where">
          {prompt.destinations.map((one) => (
            <label key={one}>
              <input type="radio" name="destination" checked={where === one} onChange={() => setWhere(one)} />
              <span>
                <DrawnIcon d={one === "browser" ? icons.globe : icons.phone} size={18} />
                {one === "browser" ? words.browser : words.phone}
              </span>
            </label>
          ))}
        </div>
      )}
      {where === "browser" ? (
        <p class="hint">
          <DrawnIcon d={icons.microphone} size={16} />
          {words.browserNote}
        </p>
      ) : (
        <div class="field">
          <label for="rb-number">{words.number}</label>
          <input
            id="rb-number"
            name="number"
            type="tel"
            autocomplete="tel"
            value={number}
            aria-invalid={numberFault !== undefined}
            aria-describedby={numberFault === undefined ? undefined : "rb-number-fault"}
            onInput={(event) => setNumber(event.currentTarget.value)}
          />
          {numberFault !== undefined && <Problem id="rb-number-fault" text={numberFault} />}
        </div>
      )}
      <div class="field">
        <label for="rb-topic">
          {words.topic} <small>{words.optional}</small>
        </label>
        <input
          id="rb-topic"
          name="topic"
          value={topic}
          maxLength={200}
          aria-invalid={topicFault !== undefined}
          aria-describedby={topicFault === undefined ? undefined : "rb-topic-fault"}
          onInput={(event) => setTopic(event.currentTarget.value)}
        />
        {topicFault !== undefined && <Problem id="rb-topic-fault" text={topicFault} />}
      </div>
      {prompt.consent && (
        <>
          <label class="consent">
            <input
              type="checkbox"
              name="consent"
              checked={consent}
              aria-invalid={consentFault !== undefined}
              aria-describedby={consentFault === undefined ? undefined : "rb-consent-fault"}
              onChange={(event) => setConsent(event.currentTarget.checked)}
            />
            <span>{prompt.consent}</span>
          </label>
          {consentFault !== undefined && <Problem id="rb-consent-fault" text={consentFault} />}
        </>
      )}
      <button class="primary" aria-disabled={sending}>
        {sending ? words.booking : prompt.submit}
      </button>
      {unsure && chat.connection !== "reconnecting" && (
        <p class="hint" role="status">
          {words.checking}
        </p>
      )}
      <p class="foot">{prompt.note ?? words.movable}</p>
      <Buttons {...props} options={prompt.options.filter((option) => option.token !== token)} />
      {!field && <Outcome {...props} />}
    </form>
  );
}

function useUnsure(sending: boolean): boolean {
  const [unsure, setUnsure] = useState(false);
  useEffect(() => {
    setUnsure(false);
    if (!sending) return undefined;
    const timer = setTimeout(() => setUnsure(true), UNSURE_AFTER);
    return () => clearTimeout(timer);
  }, [sending]);
  return unsure;
}
