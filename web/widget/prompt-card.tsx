/** A prompt as a card: choose and continue, decide with one tap, or confirm in one step. */
import { useEffect, useId, useRef, useState } from "preact/hooks";

import type { ChatMessage, Prompt, PromptOption } from "../shared/contract";
import { DrawnIcon } from "../shared/icon";
import * as icons from "../shared/icon-paths";
import { clock } from "../shared/time";
import type { Chat } from "./chat";
import { ConfirmFields } from "./confirm-card";
import { Choices, Days, Times } from "./options";
import { words } from "./words";

export interface PromptProps {
  chat: Chat;
  message: ChatMessage;
  prompt: Prompt;
}

export function PromptCard(props: PromptProps) {
  const { kind } = props.prompt;
  const decides = ["late", "missed", "unknown", "cancel"].includes(kind);
  return (
    <>
      <section tabIndex={-1} class="card" aria-label={props.prompt.title}>
        {decides ? <DecisionHead {...props} /> : <Context {...props} />}
        {kind === "confirm" ? <ConfirmFields {...props} /> : decides || kind === "readback" ? <Decision {...props} /> : <Choose {...props} />}
      </section>
      {decides && <p class="meta">{clock(props.message.at)}</p>}
    </>
  );
}

/** "Billing team · 3 people" with the way to change it. */
function Context({ chat, prompt }: PromptProps) {
  if (!prompt.context) return null;
  const icon = prompt.kind === "confirm" ? icons.clock : /\d|team|quip/i.test(prompt.context) ? icons.people : icons.person;
  const { context_change: change } = prompt;
  return (
    <div class="context">
      <DrawnIcon d={icon} size={18} />
      <span>{prompt.context}</span>
      {change && (
        <button class="text-button" disabled={chat.isSending(prompt.id)} onClick={() => chat.answer(prompt, { token: change })}>
          {words.change}
        </button>
      )}
    </div>
  );
}

function Choose(props: PromptProps) {
  const { chat, message, prompt } = props;
  const choices = prompt.options.filter((option) => option.style === "option");
  const short = prompt.kind === "day" || (choices.length > 1 && choices.every((option) => option.label.length <= 8 && !option.detail && !option.badge));
  const first = short ? "" : (choices.find((option) => !option.disabled)?.token ?? "");
  const [chosen, choose] = useState(first);
  const [missing, setMissing] = useState(false);
  const pick = choices.find((option) => option.token === chosen && !option.disabled);
  const name = useId();
  const title = useId();
  useEffect(() => {
    if (!choices.some((option) => option.token === chosen)) choose(first);
  }, [prompt.options]);

  const list = { name, labelledBy: title, options: choices, chosen, onChoose: (token: string) => (setMissing(false), choose(token)) };
  const sending = chat.isSending(prompt.id);
  // "Continue with" waits for the time that was picked.
  const open = prompt.kind === "day";
  const label = open ? (pick ? `${prompt.submit} ${pick.label}` : words.continue) : prompt.submit;
  const submit = () => (pick ? chat.answer(prompt, { token: pick.token }) : setMissing(true));
  const day = prompt.days.find((one) => one.selected);

  return (
    <div class="body">
      <h3 id={title}>{prompt.title}</h3>
      {prompt.days.length > 0 && <Days days={prompt.days} disabled={sending} onPick={(token) => chat.answer(prompt, { token })} label={prompt.title} />}
      {day && short && <h4>{dayHeading(day.label, day.detail, choices)}</h4>}
      {prompt.note && !day && prompt.note !== message.text && <p class="note">{prompt.note}</p>}
      {prompt.submit === null ? <Buttons options={choices} {...props} /> : short ? <Times {...list} /> : <Choices {...list} />}
      {prompt.note && day && <Hint icon={icons.clock} text={prompt.note} />}
      {prompt.submit !== null && choices.length > 0 && (
        <button class="primary" aria-disabled={!pick || sending} onClick={() => !sending && submit()}>
          {sending ? words.sending : label}
        </button>
      )}
      {missing && !pick && <Problem text={words.chooseFirst} />}
      <Buttons options={prompt.options.filter((option) => option.style !== "option")} {...props} />
      <Outcome {...props} />
    </div>
  );
}

/** "Today, afternoon": the part of the day only when all times lie in it. */
function dayHeading(label: string, detail: string, times: PromptOption[]): string {
  const parts = new Set(
    times.flatMap((time) => {
      const hour = /^(\d{1,2}):/.exec(time.label)?.[1];
      return hour === undefined ? [] : [+hour < 5 ? 0 : +hour < 12 ? 1 : +hour < 18 ? 2 : 3];
    }),
  );
  const [part] = parts;
  const name = label === words.today ? label : `${label} ${detail}`;
  return parts.size === 1 && part !== undefined ? `${name}, ${words.afternoon[part]}` : name;
}

function DecisionHead({ prompt }: PromptProps) {
  const looks = { late: icons.triangle, unknown: icons.info, missed: icons.phone, cancel: icons.cross } as Record<string, string>;
  return (
    <h3 class={`card-head ${prompt.kind === "missed" || prompt.kind === "cancel" ? "plain" : "warn"}`}>
      <DrawnIcon d={looks[prompt.kind] ?? icons.info} />
      <span>{prompt.title}</span>
      {prompt.context && <small>{prompt.context}</small>}
    </h3>
  );
}

/** Late, missed, not known, cancel, and what was typed read back: one tap decides. */
function Decision(props: PromptProps) {
  const { chat, prompt, message } = props;
  // The new window is the largest thing, when there is one.
  const told = chat.callback?.state === prompt.kind && /\d/.test(chat.callback.headline) ? chat.callback : null;
  const safe = /^If you do nothing/.test(prompt.note ?? "") ? prompt.note : null;
  const reads = prompt.kind === "readback";
  return (
    <div class="body">
      {reads && <h3>{prompt.title}</h3>}
      {told ? (
        <div class="headline">
          <p>{told.lead}</p>
          <strong>{told.headline}</strong>
          <p>{told.promise}</p>
        </div>
      ) : (
        !reads && message.text && message.text !== prompt.title && <p class="said-text">{message.text}</p>
      )}
      <Summary prompt={prompt} />
      {prompt.note && !safe && <p class="note">{prompt.note}</p>}
      <Buttons options={prompt.options} {...props} />
      {safe && <p class="foot">{safe}</p>}
      <Outcome {...props} />
    </div>
  );
}

export function Summary({ prompt }: { prompt: Prompt }) {
  if (!prompt.summary.length) return null;
  return (
    <dl class="summary">
      {prompt.summary.map((line) => (
        <div key={line.label}>
          <dt>{line.label}</dt>
          <dd>{line.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Options that act by themselves: filled, outlined, quiet or red by their style. */
export function Buttons({ chat, prompt, options }: PromptProps & { options: PromptOption[] }) {
  const tapped = useRef("");
  const sending = chat.isSending(prompt.id);
  return (
    <>
      {options.map((option) => (
        <button
          key={option.token}
          class={{ primary: "primary", option: "outlined", quiet: "quiet", danger: "quiet danger" }[option.style]}
          aria-disabled={sending || option.disabled !== null}
          onClick={() => {
            if (sending || option.disabled !== null) return;
            tapped.current = option.token;
            chat.answer(prompt, { token: option.token });
          }}
        >
          {sending && tapped.current === option.token ? words.sending : option.label}
          {option.detail && option.style === "option" && <small>{option.detail}</small>}
          {option.disabled && <small>{option.disabled}</small>}
        </button>
      ))}
    </>
  );
}

/** What became of the last answer: refused, or waiting for the connection. */
export function Outcome({ chat, prompt }: PromptProps) {
  const refusal = chat.refusals[prompt.id];
  if (refusal) return <Problem text={[refusal.detail || refusal.title, refusal.next].filter(Boolean).join(" ")} />;
  if (chat.connection === "reconnecting" && chat.isSending(prompt.id)) return <Hint icon={icons.clock} text={words.notSentYet} />;
  return null;
}

export function Problem({ text, id }: { text: string; id?: string }) {
  return (
    <p class="error" role="alert" id={id}>
      <DrawnIcon d={icons.triangle} size={16} />
      {text}
    </p>
  );
}

function Hint({ icon, text }: { icon: string; text: string }) {
  return (
    <p class="hint">
      <DrawnIcon d={icon} size={16} />
      {text}
    </p>
  );
}
