/** Launcher, or the panel with header, thread and composer. */
import { useEffect, useRef, useState } from "preact/hooks";

import { DrawnIcon } from "../shared/icon";
import * as icons from "../shared/icon-paths";
import { Announcer } from "./announcer";
import type { Chat } from "./chat";
import { RingingCard, useSeconds } from "./call-card";
import { Composer } from "./composer";
import type { Shell } from "./element";
import { Thread } from "./thread";
import { timer } from "../shared/time";
import { words } from "./words";

interface Props {
  chat: Chat;
  shell: Shell;
}

export function App({ chat, shell }: Props) {
  const launcher = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(shell.isOpen);
  useEffect(() => {
    if (wasOpen.current && !shell.isOpen) launcher.current?.focus();
    wasOpen.current = shell.isOpen;
  }, [shell.isOpen]);

  return (
    <>
      {shell.isOpen ? <Panel chat={chat} shell={shell} /> : <Launcher chat={chat} shell={shell} button={launcher} />}
      <Announcer chat={chat} />
    </>
  );
}

function Launcher({ chat, shell, button }: Props & { button: { current: HTMLButtonElement | null } }) {
  const { view } = chat;
  const ringing = view?.state === "ringing";
  const talking = chat.call.mine && view ? view : null;
  const seconds = useSeconds(talking?.joined_at ?? null);
  return (
    <div class="dock">
      {ringing && view && (
        <section class="float card" aria-label={words.callingYou(view.peer_name)}>
          <RingingCard chat={chat} view={view} onAnswered={() => shell.open()} />
        </section>
      )}
      <button ref={button} class={`launcher${talking ? " talking" : ""}`} onClick={() => shell.open()}>
        <DrawnIcon d={talking ? icons.phone : icons.bubble} size={22} />
        {talking ? words.launcherTalking(talking.peer_name) : words.launcher}
        {talking && (
          <span class="time" role="timer" aria-live="off">
            {timer(seconds)}
          </span>
        )}
      </button>
    </div>
  );
}

function Panel({ chat, shell }: Props) {
  const panel = useRef<HTMLElement>(null);
  const name = chat.business?.name ?? "";
  useEffect(() => {
    // On touch the keyboard would cover the thread: there the panel itself takes the focus.
    const composer = panel.current?.querySelector("textarea");
    if (composer && matchMedia("(pointer: fine)").matches) composer.focus();
    else panel.current?.focus();
  }, []);
  return (
    <section
      ref={panel}
      class="panel"
      role="dialog"
      aria-label={words.panel(name)}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") shell.close();
      }}
    >
      <Header chat={chat} shell={shell} />
      <Banner chat={chat} />
      <Thread chat={chat} />
      <Composer chat={chat} />
    </section>
  );
}

function Header({ chat, shell }: Props) {
  const { business } = chat;
  const name = business?.name ?? words.launcher;
  return (
    <div class="head">
      <span class="logo" aria-hidden="true">
        {business ? name.slice(0, 1) : <DrawnIcon d={icons.bubble} />}
      </span>
      <div class="who">
        <h2>{name}</h2>
        <p>{business?.open_line ?? (chat.stage === "failed" ? "" : words.opening)}</p>
      </div>
      <Menu chat={chat} shell={shell} />
      <button class="icon-button" aria-label={words.minimise} onClick={() => shell.close()}>
        <span class="wide-only">
          <DrawnIcon d={icons.chevronDown} />
        </span>
        <span class="small-only">
          <DrawnIcon d={icons.cross} />
        </span>
      </button>
    </div>
  );
}

function Menu({ chat, shell }: Props) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) list.current?.querySelector("button")?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const act = (what: () => void) => () => {
    close();
    what();
  };
  return (
    <div
      class="menu-place"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.stopPropagation();
          close();
        }
      }}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOpen(false);
      }}
    >
      <button ref={opener} class="icon-button" aria-label={words.more} aria-expanded={open} onClick={() => setOpen(!open)}>
        <DrawnIcon d={icons.more} />
      </button>
      {open && (
        <div ref={list} class="menu">
          <button onClick={act(() => chat.offerCallback())}>
            <DrawnIcon d={icons.phone} />
            {words.getCall}
          </button>
          <button aria-pressed={!shell.silent} onClick={act(() => shell.setSilent(!shell.silent))}>
            <DrawnIcon d={shell.silent ? "" : icons.check} />
            {words.ringSound}
          </button>
          <button onClick={act(() => shell.forget())}>
            <DrawnIcon d={icons.cross} />
            {words.forget}
          </button>
        </div>
      )}
    </div>
  );
}

/** Said once after three seconds without connection, and once when it is back. */
function Banner({ chat }: { chat: Chat }) {
  const lost = chat.connection === "reconnecting" && chat.stage !== "closed";
  const wasLost = useRef(false);
  const [back, setBack] = useState(false);
  useEffect(() => {
    if (lost) {
      wasLost.current = true;
      setBack(false);
    } else if (wasLost.current) {
      wasLost.current = false;
      setBack(true);
      const timer = setTimeout(() => setBack(false), 4_000);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [lost]);
  return (
    <div role="status" class="banner-place">
      {lost && (
        <p class="banner">
          <DrawnIcon d={icons.wifiOff} />
          <span>
            <b>{words.reconnecting}</b> {words.reconnectingMore}
          </span>
        </p>
      )}
      {back && <span class="hidden">{words.connectedAgain}</span>}
    </div>
  );
}
