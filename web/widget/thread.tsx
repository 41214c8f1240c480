/** The transcript with its cards: bubbles, system lines, answered prompts as one line, and the one live card in its place. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { ChatMessage } from "../shared/contract";
import { DrawnIcon } from "../shared/icon";
import * as icons from "../shared/icon-paths";
import { clock } from "../shared/time";
import { CallCard } from "./call-card";
import { CallbackLine, StateCard } from "./callback-card";
import type { Chat } from "./chat";
import type { Entry } from "./outbox";
import { PromptCard } from "./prompt-card";
import { anchor, liveCard, tellsState, type LiveCard } from "./transcript";
import { words } from "./words";

const STATUS_ICONS: Record<string, string> = {
  booked: icons.check,
  moved: icons.calendar,
  next: icons.clock,
  soon: icons.clock,
  late: icons.clock,
  calling: icons.phone,
  joined: icons.phone,
  missed: icons.phone,
  busy: icons.phone,
  unknown: icons.info,
  cancelled: icons.cross,
  closed: icons.cross,
  done: icons.check,
};

export function Thread({ chat }: { chat: Chat }) {
  const { messages } = chat;
  const live = liveCard(messages, chat.callback, chat.view);
  const place = anchor(messages);
  const card = <Card chat={chat} live={live} />;
  const log = useSticking(`${messages.at(-1)?.seq} ${live?.kind} ${chat.view?.state}`);

  return (
    <div class="scroller">
      <div ref={log.ref} class="log" role="log" aria-live="off" aria-label={words.thread} tabIndex={0} onScroll={log.onScroll} onFocusIn={log.onFocusIn}>
        <div class="spring" />
        {chat.stage === "failed" && <Failed chat={chat} />}
        {chat.stage === "opening" && <Rows />}
        {chat.stage === "ready" && messages.length === 0 && chat.business?.greeting && <p class="bubble them">{chat.business.greeting}</p>}
        {messages.map((message, index) => (
          <Message key={message.seq} chat={chat} message={message} next={messages[index + 1]} live={live}>
            {message.seq === place && card}
          </Message>
        ))}
        {place === null && card}
        {chat.outbox.entries.filter((entry) => entry.text !== undefined).map((entry) => (
          <Echo key={entry.key} chat={chat} entry={entry} />
        ))}
        {chat.stage === "ready" && live === null && !messages.some((message) => message.prompt) && (
          <button class="chip" onClick={() => chat.offerCallback()} aria-disabled={chat.outbox.entries.length > 0}>
            <DrawnIcon d={icons.phone} size={18} />
            {words.getCall}
          </button>
        )}
        {chat.refusals[""] && live?.kind !== "callback" && (
          <p class="error" role="alert">
            <DrawnIcon d={icons.triangle} size={16} />
            {chat.refusals[""].detail}
          </p>
        )}
      </div>
      {log.away && (
        <button class="jump" onClick={log.toEnd}>
          <DrawnIcon d={icons.chevronDown} size={16} />
          {words.newMessages}
        </button>
      )}
    </div>
  );
}

/** The live card that hangs under the last line that told of the callback; prompts hang under their own message. */
function Card({ chat, live }: { chat: Chat; live: LiveCard }) {
  if (live?.kind === "call") return <CallCard chat={chat} view={live.call} />;
  if (live?.kind === "callback") return <StateCard chat={chat} callback={live.callback} />;
  if (live?.kind === "prompt" && chat.callback && !tellsState(live.message)) return <CallbackLine callback={chat.callback} />;
  return null;
}

interface MessageProps {
  chat: Chat;
  message: ChatMessage;
  next: ChatMessage | undefined;
  live: LiveCard;
  children: ComponentChildren;
}

function Message({ chat, message, next, live, children }: MessageProps) {
  const { prompt } = message;
  return (
    <>
      {message.author === "system" && !prompt ? <SystemLine message={message} /> : speaks(message) && <Bubble message={message} next={next} />}
      {prompt &&
        (live?.kind === "prompt" && live.message.seq === message.seq ? (
          <PromptCard key={prompt.id} chat={chat} message={message} prompt={prompt} />
        ) : (
          !words.untold.includes(prompt.answered ?? "") && next?.status !== "booked" && <Line icon={icons.check} text={prompt.answered ?? prompt.title} at={message.at} />
        ))}
      {children}
    </>
  );
}

/** With a card most prompts need no words beside it; an offer and a reason are said as well. */
function speaks({ prompt, text }: ChatMessage): boolean {
  return prompt ? (prompt.kind === "when" || prompt.kind === "choice") && text !== "" && text !== prompt.title : true;
}

function SystemLine({ message }: { message: ChatMessage }) {
  return <Line icon={STATUS_ICONS[message.status ?? ""] ?? icons.info} text={message.text} at={message.at} />;
}

function Line({ icon, text, at }: { icon: string; text: string; at: string }) {
  return (
    <p class="line">
      <DrawnIcon d={icon} size={16} />
      <span>
        {text.replace(/\.$/, "")} · {clock(at)}
      </span>
    </p>
  );
}

function Bubble({ message, next }: { message: ChatMessage; next: ChatMessage | undefined }) {
  const mine = message.author === "customer";
  const ends = !next || next.author !== message.author || message.prompt !== null || clock(next.at) !== clock(message.at);
  const who = mine ? "" : (message.author_name ?? "");
  return (
    <div class={mine ? "said me" : "said them"}>
      <p dir="auto" class={`bubble ${mine ? "me" : "them"}${ends ? " last" : ""}`}>{message.text}</p>
      {ends && <p class="meta">{mine ? `${clock(message.at)} · ${words.sent}` : [who, clock(message.at)].filter(Boolean).join(" · ")}</p>}
    </div>
  );
}

/** What the customer wrote, before the server's copy of it arrives. */
function Echo({ chat, entry }: { chat: Chat; entry: Entry }) {
  return (
    <div class="said me">
      <p dir="auto" class="bubble me last">{entry.text}</p>
      {entry.refused ? (
        <p class="meta bad">
          {words.notSent} {entry.refused.detail}{" "}
          <button class="text-button" onClick={() => chat.retry(entry.key)}>
            {words.tryAgain}
          </button>
        </p>
      ) : chat.connection === "reconnecting" || chat.stage === "failed" ? (
        <p class="meta">
          <DrawnIcon d={icons.clock} size={14} />
          {words.notSentYet}
        </p>
      ) : (
        <p class="meta">{words.sending}</p>
      )}
    </div>
  );
}

function Failed({ chat }: { chat: Chat }) {
  return (
    <div class="said them" role="alert">
      <p class="bubble them last">{chat.failure ?? words.notOpened}</p>
      <p class="meta">
        <button class="text-button" onClick={() => void chat.open()}>
          {words.tryAgain}
        </button>
      </p>
    </div>
  );
}

function Rows() {
  return (
    <div class="rows" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  );
}

/** Keeps the end in sight while the reader is there, and offers the way back when they are not. */
function useSticking(news: string) {
  const ref = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const height = useRef(0);
  const [away, setAway] = useState(false);
  const toEnd = () => {
    const log = ref.current;
    if (!log) return;
    log.scrollTop = log.scrollHeight;
    stuck.current = true;
    setAway(false);
    log.focus({ preventScroll: true });
  };
  useLayoutEffect(() => {
    const log = ref.current;
    if (!log || log.scrollHeight === height.current) return;
    height.current = log.scrollHeight;
    if (stuck.current) log.scrollTop = log.scrollHeight;
  });
  useEffect(() => {
    if (!stuck.current) setAway(true);
  }, [news]);
  useEffect(() => {
    const log = ref.current;
    if (!log || !globalThis.ResizeObserver) return undefined;
    const watcher = new ResizeObserver(() => {
      if (stuck.current) log.scrollTop = log.scrollHeight;
    });
    watcher.observe(log);
    return () => watcher.disconnect();
  }, []);
  const onScroll = () => {
    const log = ref.current;
    if (!log) return;
    stuck.current = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    if (stuck.current) setAway(false);
  };
  // The person acted on a card and it went: the focus goes on to the card that took its place, not back to the page.
  const focused = useRef<EventTarget | null>(null);
  const onFocusIn = (event: FocusEvent) => {
    focused.current = event.target;
  };
  useLayoutEffect(() => {
    const [log, lost] = [ref.current, focused.current as Element | null];
    if (!log || !lost || lost.isConnected) return;
    focused.current = null;
    const root = log.getRootNode() as ShadowRoot;
    if (!root.activeElement) (log.querySelector<HTMLElement>(".card") ?? log).focus({ preventScroll: true });
  });
  return { ref, away, toEnd, onScroll, onFocusIn };
}
