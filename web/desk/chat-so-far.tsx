/** The chat this callback came from, read only: text stays text, whatever it looks like. */
import { useEffect, useRef } from "preact/hooks";
import type { ChatMessage, DeskCallback, WithYou } from "../shared/contract";
import { Icon, type IconName } from "../shared/icons";
import { CustomerFacts } from "./facts";
import { useFrame } from "./frame";

const STATUS_ICONS: Record<string, IconName> = {
  booked: "check",
  joined: "phone",
  calling: "phone",
  late: "clock",
  missed: "phoneDown",
  busy: "phoneDown",
  unknown: "triangle",
  cancelled: "cross",
  moved: "calendar",
  done: "phone",
};

export function ChatSoFar({ current, withYou }: { current: DeskCallback | null; withYou: WithYou | null }) {
  const log = useRef<HTMLDivElement>(null);
  const chat = current !== null ? { said: current.transcript, customer: current.customer.name } : withYou !== null ? { said: withYou.transcript, customer: withYou.customer } : null;
  const count = chat?.said.length ?? 0;
  useEffect(() => {
    if (log.current !== null) log.current.scrollTop = log.current.scrollHeight;
  }, [count, current?.attempt, withYou?.callback]);
  return (
    <>
      <h2 class="column-title">Chat so far</h2>
      {/* Scrolls, so the keyboard must be able to reach it. */}
      <div class="thread" ref={log} tabIndex={0} role="log" aria-live="off" aria-label="Chat so far">
        {chat === null ? (
          <p class="empty">The chat of a callback is here as soon as it rings.</p>
        ) : count === 0 ? (
          <p class="empty">No words were exchanged before this callback.</p>
        ) : (
          chat.said.map((message) => <Message key={message.seq} message={message} customer={chat.customer} />)
        )}
      </div>
      {current !== null && <CustomerFacts current={current} />}
    </>
  );
}

export function Message({ message, customer }: { message: ChatMessage; customer: string }) {
  const { at } = useFrame();
  if (message.author === "system") {
    return (
      <p class="status-line">
        <Icon name={STATUS_ICONS[message.status ?? ""] ?? "info"} size={16} />
        <span>
          {message.text.replace(/\.$/, "")} · {at(message.at)}
        </span>
      </p>
    );
  }
  const from = message.author === "customer" ? "customer" : "ours";
  const name = message.author_name ?? { customer, assistant: "Assistant", agent: "Agent" }[message.author];
  return (
    <div class={`message ${from}`}>
      <p class="caption">
        {name} · {at(message.at)}
      </p>
      <p class="bubble">{message.text}</p>
      {message.prompt?.answered && <p class="caption">Answered: {message.prompt.answered}</p>}
    </div>
  );
}
