/** Chats with people: those that wait in the agent's queues, and the agent's own to write in. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../shared/announcer";
import { useCommand } from "../shared/command";
import type { LiveChat } from "../shared/contract";
import { Icon } from "../shared/icons";
import { ProblemLine } from "../shared/problem-line";
import { useNow } from "../shared/ticking";
import { Message } from "./chat-so-far";
import { useFrame } from "./frame";
import { HandOver } from "./hand-over";

const LONGEST = 4000;

export interface LiveChats {
  shown: LiveChat | null; // the one that is open in the chat's column
  chosen: boolean; // by the agent: one that came by itself does not take the focus from what they type
  unread: (chat: LiveChat) => number;
  open: (chat: string | null) => void;
  over: string | null; // said of one that the agent did not end: its customer left
  letGo: (chat: string) => void; // the agent ends it, or hands it over
}

/** Which chat is open, and what was not read yet. `busy`: a callback has the chat's column unless the agent opens a chat. `offline`: their chats go to others. */
export function useLiveChats(chats: LiveChat[], busy: string | null, offline: boolean): LiveChats {
  const [opened, setOpened] = useState<string | null>(null);
  const [read, setRead] = useState<Record<string, number>>({});
  const told = useRef<Record<string, number>>({});
  useEffect(() => setOpened(null), [busy]);
  const mine = chats.filter((each) => each.mine);
  const shown = mine.find((each) => each.chat === opened) ?? (busy === null ? mine[0] : undefined) ?? null;
  const last = shown?.messages.at(-1)?.seq ?? 0;
  useEffect(() => {
    if (shown !== null) setRead((before) => ({ ...before, [shown.chat]: last }));
  }, [shown?.chat, last]);
  const unread = (chat: LiveChat): number =>
    chat.chat === shown?.chat ? 0 : chat.messages.filter((each) => each.author === "customer" && each.seq > (read[chat.chat] ?? 0)).length;

  useEffect(() => {
    for (const each of chats) {
      const heard = each.mine ? (each.messages.findLast((message) => message.author === "customer")?.seq ?? 0) : 0;
      const before = told.current[each.chat];
      if (before === undefined && !each.mine) announce(`A chat waits: ${each.customer}, ${each.queue}`);
      else if (before !== undefined && heard > before && each.chat !== shown?.chat) announce(`New message from ${each.customer}`);
      told.current[each.chat] = heard;
    }
  }, [chats]);

  const had = useRef<LiveChat[]>([]);
  const letGo = useRef(new Set<string>());
  const [over, setOver] = useState<string | null>(null);
  useEffect(() => {
    const left = had.current.find((each) => !letGo.current.has(each.chat) && !chats.some((now) => now.chat === each.chat));
    if (mine.some((each) => !had.current.some((before) => before.chat === each.chat))) setOver(null);
    if (left !== undefined && !offline) {
      setOver(`${left.customer} has left the chat.`);
      announce(`${left.customer} has left the chat.`);
    }
    had.current = mine;
  }, [chats]);
  return { shown, chosen: shown !== null && shown.chat === opened, unread, open: setOpened, over, letGo: (chat) => letGo.current.add(chat) };
}

export function LiveChatList({ chats, live, onOpen }: { chats: LiveChat[]; live: LiveChats; onOpen: (chat: string) => void }) {
  if (chats.length === 0 && live.over === null) return null;
  return (
    <section class="next chats" aria-labelledby="chats-title">
      <h2 class="column-title" id="chats-title">
        Chats <span class="count">{chats.length}</span>
      </h2>
      {live.over !== null && <p class="caption left-chat">{live.over}</p>}
      <ul>
        {chats.map((chat) => (
          <li key={chat.chat}>
            {chat.mine ? <OwnChat chat={chat} live={live} onOpen={onOpen} /> : <WaitingChat chat={chat} onTaken={onOpen} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function OwnChat({ chat, live, onOpen }: { chat: LiveChat; live: LiveChats; onOpen: (chat: string) => void }) {
  const { at } = useFrame();
  const unread = live.unread(chat);
  const open = live.shown?.chat === chat.chat;
  return (
    <button type="button" class={open ? "next-row chosen" : "next-row"} aria-pressed={open} onClick={() => onOpen(chat.chat)}>
      <ChatWords chat={chat}>
        {unread > 0 ? <span class="chip info">{unread} new</span> : `With you since ${at(chat.since)}`}
      </ChatWords>
    </button>
  );
}

function WaitingChat({ chat, onTaken }: { chat: LiveChat; onTaken: (chat: string) => void }) {
  const { store } = useFrame();
  const command = useCommand();
  const minutes = Math.max(0, Math.floor((useNow() - Date.parse(chat.since)) / 60_000));
  const take = async (): Promise<void> => {
    if (await command.run(() => store.takeChat(chat.chat))) onTaken(chat.chat);
  };
  return (
    <div class="waiting-chat">
      <ChatWords chat={chat}>{minutes === 0 ? "Came a moment ago" : `Waits for ${minutes} min`}</ChatWords>
      <button type="button" class="button outlined" aria-disabled={command.busy} aria-label={`Take the chat of ${chat.customer}`} onClick={() => void take()}>
        Take
      </button>
      <ProblemLine problem={command.problem} />
    </div>
  );
}

function ChatWords({ chat, children }: { chat: LiveChat; children: ComponentChildren }) {
  return (
    <span class="next-what">
      <span class="truncated strong" title={chat.customer}>
        {chat.customer}
      </span>
      <span class="truncated second" title={chat.topic ?? chat.queue}>
        {chat.topic ?? chat.queue}
      </span>
      <span class="caption">{children}</span>
      {chat.promised !== null && (
        <span class="truncated caption" title={`Callback: ${chat.promised}`}>
          Callback: {chat.promised}
        </span>
      )}
    </span>
  );
}

/** One chat to write in. What is typed stays with its chat while the agent looks at another. */
export function LiveChatThread({ chat, live, drafts }: { chat: LiveChat; live: LiveChats; drafts: Map<string, string> }) {
  const { store, at } = useFrame();
  const log = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const sending = useCommand();
  const ending = useCommand();
  useEffect(() => {
    setText(drafts.get(chat.chat) ?? "");
    sending.clear();
    ending.clear();
    if (live.chosen) field.current?.focus();
  }, [chat.chat]);
  const count = chat.messages.length;
  useEffect(() => {
    if (log.current !== null) log.current.scrollTop = log.current.scrollHeight;
  }, [count, chat.chat]);
  const write = (next: string): void => {
    drafts.set(chat.chat, next);
    setText(next);
  };
  const send = async (): Promise<void> => {
    const said = text.trim();
    if (said === "" || !(await sending.run(() => store.writeInChat(chat.chat, said)))) return;
    // What was typed meanwhile stays.
    if ((drafts.get(chat.chat) ?? "").trim() === said) write("");
    field.current?.focus();
  };
  const leave = (act: () => Promise<void>): Promise<boolean> => {
    live.letGo(chat.chat);
    return ending.run(act);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <>
      <div class="chat-head">
        <h2 class="column-title">Chat with {chat.customer}</h2>
        <p class="caption">
          {chat.queue} · with you since {at(chat.since)}
        </p>
        {chat.promised !== null && (
          <p class="caption">
            Waits for a callback: {chat.promised}. It is not dialled while you write; then the chat asks whether it is still needed.
          </p>
        )}
      </div>
      <div class="chat-acts">
        <button type="button" class="button outlined" aria-disabled={ending.busy} onClick={() => void leave(() => store.endChat(chat.chat))}>
          End chat
        </button>
        <HandOver about={chat.chat} read={() => store.chatTargets()} onChoose={(to) => void leave(() => store.transferChat(chat.chat, to))} />
      </div>
      <ProblemLine problem={ending.problem} />
      {/* Scrolls, so the keyboard must be able to reach it. */}
      <div class="thread" ref={log} tabIndex={0} role="log" aria-live="polite" aria-label={`Chat with ${chat.customer}`}>
        {chat.messages.map((message) => (
          <Message key={message.seq} message={message} customer={chat.customer} />
        ))}
      </div>
      <form
        class="compose"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <label class="visually-hidden" for="compose">
          Write to {chat.customer}
        </label>
        <textarea
          id="compose"
          ref={field}
          class="input"
          rows={2}
          placeholder="Write a message"
          value={text}
          maxLength={LONGEST}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="button filled" aria-disabled={sending.busy || text.trim() === ""}>
          <Icon name="send" size={16} />
          Send
        </button>
      </form>
      <ProblemLine problem={sending.problem} />
    </>
  );
}
