/**
 * `<ringback-widget widget-key="wk_…" server="https://…">`: launcher and chat panel in a shadow root. Styles are constructed
 * sheets, so that a page's content security policy needs to allow this script and its connection and nothing inline.
 */
import { render } from "preact";

import { callAudio } from "../shared/call";
import tokens from "../shared/tokens.css?inline";
import { App } from "./app";
import cards from "./cards.css?inline";
import { Chat } from "./chat";
import { accentTokens, css, parse } from "./colour";
import { Memory } from "./memory";
import { Ringer } from "./ringer";
import { translate } from "./words";
import styles from "./widget.css?inline";

/** What the drawn parts may ask of the element. */
export interface Shell {
  readonly isOpen: boolean;
  readonly silent: boolean;
  open(): void;
  close(): void;
  forget(): void;
  setSilent(silent: boolean): void;
}

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

export class RingbackWidget extends HTMLElement implements Shell {
  #chat: Chat | null = null;
  #memory: Memory | null = null;
  #ringer: Ringer | null = null;
  #accent = sheet("");
  #accentFrom = "";
  #scheduled = false;
  #opened = false;
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  readonly #mount = document.createElement("div");

  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(tokens), sheet(styles), sheet(cards), this.#accent];
    const widgetKey = this.getAttribute("widget-key") ?? "";
    const memory = new Memory(widgetKey);
    const audio = root.querySelector("audio") ?? callAudio(root);
    root.append(this.#mount);
    this.#memory = memory;
    this.#chat = new Chat({
      server: this.getAttribute("server") || location.origin,
      widgetKey,
      memory,
      audio,
      identity: () => this.getAttribute("identity"),
      locale: () => this.#language(),
      onChange: () => this.#changed(),
    });
    this.#ringer = new Ringer(() => !this.silent);
    this.#opened = memory.open;
    this.#dark.addEventListener("change", this.#changed);
    addEventListener("pagehide", this.#leaving);
    const language = this.#language().split("-", 1)[0]?.toLowerCase();
    if (language && language !== "en") void this.#speak(language);
    this.#chat.resume();
    if (this.#opened) void this.#chat.open();
    this.#changed();
  }

  disconnectedCallback(): void {
    this.#dark.removeEventListener("change", this.#changed);
    removeEventListener("pagehide", this.#leaving);
    this.#ringer?.stop();
    this.#chat?.call.close();
    this.#chat?.stop();
    render(null, this.#mount);
    this.#chat = null;
  }

  get isOpen(): boolean {
    return this.#opened;
  }

  get silent(): boolean {
    return this.#memory?.read().silent ?? false;
  }

  /** What the other side of the call says; null outside a call. */
  get remoteStream(): MediaStream | null {
    return this.#chat?.call.remoteStream ?? null;
  }

  /** Show the chat. */
  open(): void {
    this.#setOpen(true);
    void this.#chat?.open();
  }

  /** Hide the chat; a call goes on. */
  close(): void {
    this.#setOpen(false);
  }

  /** Show the chat with the offer of a callback, from a provider and about a topic when the page knows them. */
  offerCallback(wish: { provider?: string; topic?: string } = {}): void {
    this.#setOpen(true);
    this.#chat?.offerCallback({
      ...(wish.provider ? { provider: String(wish.provider) } : {}),
      ...(wish.topic ? { topic: String(wish.topic) } : {}),
    });
  }

  forget(): void {
    this.#chat?.forget();
    this.#setOpen(false);
  }

  setSilent(silent: boolean): void {
    this.#memory?.write({ silent });
    this.#changed();
  }

  /** The page's wish, else the browser's. */
  #language(): string {
    return this.lang || navigator.language;
  }

  /** Without words in a language it stays English. */
  async #speak(language: string): Promise<void> {
    const answer = await fetch(`${this.getAttribute("server") || location.origin}/widget/v1/words/${language}`).catch(() => null);
    if (!answer?.ok) return;
    const given = await answer.json();
    translate(given.words);
    Object.assign(this.#mount, { dir: given.direction, lang: given.language });
    this.#changed();
  }

  #setOpen(open: boolean): void {
    this.#opened = open;
    if (this.#memory) this.#memory.open = open;
    this.#changed();
  }

  #leaving = (event: PageTransitionEvent): void => {
    if (!event.persisted) this.#chat?.call.close();
  };

  #changed = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      const chat = this.#chat;
      if (!chat) return;
      this.#paint(chat.business?.accent ?? "");
      this.#ringer?.follow(chat.view);
      render(<App chat={chat} shell={this} />, this.#mount);
    });
  };

  /** The page's `--rb-accent` comes before the business's own colour; without either the tokens stand. */
  #paint(fallback: string): void {
    const wish = getComputedStyle(this).getPropertyValue("--rb-accent").trim() || fallback;
    const theme = this.getAttribute("theme");
    const mode = theme === "dark" || (theme !== "light" && this.#dark.matches) ? "dark" : "light";
    if (this.#accentFrom === wish + mode) return;
    this.#accentFrom = wish + mode;
    const colour = parse(wish);
    if (!colour) return this.#accent.replaceSync("");
    const made = accentTokens(colour, mode);
    const own = Object.entries(made).map(([name, value]) => `--${name}:${css(value)}!important`);
    // In the dark a customer's bubble stays quiet: text on the soft accent.
    const bubble = mode === "light" ? `--bubble:${css(made.accent)};--on-bubble:${css(made["on-accent"])}` : "";
    this.#accent.replaceSync(`:host{${own.join(";")};${bubble}}`);
  }
}
