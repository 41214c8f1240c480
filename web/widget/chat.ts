/**
 * One chat as this page knows it: opens or resumes it, follows it live, sends what the customer says and answers, and hands
 * every change to whoever draws. It holds no decision that belongs to the server.
 */
import type {
  Answer,
  CallbackCard,
  CallView,
  ChatMessage,
  ChatOpened,
  ChatSnapshot,
  Problem,
  Prompt,
  WidgetBusiness,
  WidgetEvent,
} from "../shared/contract";
import { Call } from "../shared/call";
import { Live, liveUrl, type LiveState } from "../shared/live";
import { makeClient, newKey, Refused, Unreachable, type Client } from "../shared/post";
import { ownZone } from "../shared/time";
import type { Memory } from "./memory";
import { Outbox, type Entry } from "./outbox";
import { Tabs } from "./tabs";
import { hasGap, merge, resumeAfter } from "./transcript";

export interface ChatOptions {
  server: string; // origin of Ringback
  widgetKey: string;
  memory: Memory;
  audio: HTMLAudioElement;
  identity: () => string | null; // signed token of the embedding page's own server
  locale: () => string;
  onChange: () => void;
}

export type Stage = "closed" | "opening" | "ready" | "failed";

const REOPEN_AFTER = 3_000;
const SETTLES_WITHIN = 8_000;

export class Chat {
  readonly page = newKey();
  readonly call: Call;
  readonly outbox: Outbox;
  stage: Stage = "closed";
  failure: string | null = null;
  notice: string | null = null;
  business: WidgetBusiness | null;
  messages: ChatMessage[] = [];
  callback: CallbackCard | null = null;
  connection: LiveState = "connecting";
  skew = 0; // the server's clock less this one's, in ms
  reclaiming = false; // a call that this tab held before a reload is being taken back
  answeredElsewhere = false; // another tab of this browser holds the call
  stale = false; // what is shown of the callback may be old: nothing heard for a while
  refusals: Record<string, Problem> = {}; // by prompt id, "" for everything else
  settling: Record<string, number> = {}; // prompts answered and accepted, whose message has not followed yet

  readonly #client: Client;
  readonly #tabs: Tabs;
  #token: string | undefined; // of the chat that this page follows
  #wasMine = false;
  #considered = ""; // the leg and page about which the tabs have been asked
  #live: Live | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #options: ChatOptions;

  constructor(options: ChatOptions) {
    this.#options = options;
    const { memory } = options;
    this.business = memory.read().business ?? null;
    this.#client = makeClient({
      base: options.server,
      credentials: "omit",
      headers: () => {
        const { token } = memory.read();
        return token ? { authorization: `Bearer ${token}` } : ({} as Record<string, string>);
      },
    });
    this.call = new Call({
      offers: false,
      page: this.page,
      prefix: "/widget/v1",
      client: this.#client,
      audio: options.audio,
      iceServers: () => this.business?.ice_servers ?? [],
      relayOnly: () => this.business?.relay_only ?? false,
      onChange: () => {
        const { mine } = this.call;
        // The mark outlives this page, for a reload to find; it goes when the call does, or goes to another tab.
        if (mine || this.#wasMine || !this.call.view) memory.heldLeg = mine ? (this.call.view?.leg ?? null) : null;
        this.#wasMine = mine;
        options.onChange();
      },
    });
    this.#tabs = new Tabs(memory.storageKey, this.page);
    this.outbox = new Outbox({
      load: () => memory.readOutbox<Entry>(),
      save: (entries) => memory.writeOutbox(entries),
      deliver: async (entry) => {
        if (!memory.read().token) throw new Unreachable("the chat is not open yet");
        try {
          return await this.#client.post(entry.path, entry.body, { key: entry.key, patience: 0 });
        } catch (failure) {
          // Too many at once is no refusal: it is sent later.
          throw failure instanceof Refused && failure.status === 429 ? new Unreachable(failure.message) : failure;
        }
      },
      onDelivered: (entry, answer) => this.#delivered(entry, answer),
      onRefused: (entry, problem) => this.#refused(entry, problem),
      onChange: options.onChange,
    });
  }

  get view(): CallView | null {
    return this.call.view;
  }

  get connected(): boolean {
    return this.connection === "live" || this.connection === "polling";
  }

  /** Resume the chat of this device, if there is one, without asking anything of anybody. */
  resume(): void {
    const { token } = this.#options.memory.read();
    if (!token || this.#live) return;
    this.messages = this.#options.memory.messages;
    this.stage = this.messages.length ? "ready" : "opening";
    this.#follow();
  }

  /** The customer opened the panel: make sure that there is a chat, and only one however many tabs do this at once. */
  async open(): Promise<void> {
    if (this.#live || this.stage === "opening") return;
    const act = () => this.#openOnce();
    await (navigator.locks ? navigator.locks.request(this.#options.memory.storageKey, act) : act());
  }

  async #openOnce(): Promise<void> {
    this.resume();
    if (this.#live) return;
    this.stage = "opening";
    this.failure = null;
    this.#options.onChange();
    try {
      this.#opened(await this.#client.post<ChatOpened>("/widget/v1/chats", this.#opening(), { patience: 4_000 }));
    } catch (failure) {
      this.stage = "failed";
      this.failure = failure instanceof Refused ? failure.message : null;
      clearTimeout(this.#timer);
      if (!(failure instanceof Refused)) this.#timer = setTimeout(() => void this.open(), REOPEN_AFTER);
    }
    this.#options.onChange();
  }

  say(text: string): void {
    this.#queue({ path: "/widget/v1/messages", body: { text }, text });
  }

  answer(prompt: Prompt, answer: Answer): void {
    delete this.refusals[prompt.id];
    this.#queue({ path: "/widget/v1/answers", body: { ...answer }, prompt: prompt.id });
  }

  offerCallback(wish: { provider?: string; topic?: string } = {}): void {
    void this.open();
    this.#queue({ path: "/widget/v1/callback-offer", body: { ...wish } });
  }

  changeCallback(what: "cancel" | "move"): void {
    delete this.refusals[""];
    this.#queue({ path: `/widget/v1/callback/${what}`, body: {}, prompt: `callback:${what}` });
  }

  retry(key: string): void {
    this.outbox.retry(key, newKey());
  }

  typing(): void {
    this.#live?.send({ typing: true });
  }

  /** An answer or action on this prompt is on its way, or taken and not yet shown. */
  isSending(prompt: string): boolean {
    return this.outbox.entries.some((entry) => entry.prompt === prompt) || prompt in this.settling;
  }

  forget(): void {
    this.#rest();
    this.#options.memory.forget();
    this.messages = [];
    this.callback = null;
    this.stage = "closed";
    this.outbox.entries = [];
    this.call.update(null);
  }

  stop(): void {
    this.#rest();
    this.#tabs.close();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.outbox.stop();
    this.#live?.stop();
    this.#live = null;
  }

  #queue(entry: Pick<Entry, "path" | "body" | "text" | "prompt">): void {
    this.outbox.add({ key: newKey(), at: new Date().toISOString(), ...entry });
  }

  #opening(): Record<string, unknown> {
    const identity = this.#options.identity();
    return {
      widget_key: this.#options.widgetKey,
      zone: ownZone(),
      locale: this.#options.locale(),
      page_url: location.href.slice(0, 2_000),
      ...(identity ? { identity } : {}),
    };
  }

  #opened(opened: ChatOpened): void {
    this.#options.memory.write({ chat: opened.chat, token: opened.token, business: opened.business });
    this.#apply({ ...opened.snapshot, business: opened.business });
    this.#follow();
  }

  #follow(): void {
    this.#token = this.#options.memory.read().token;
    this.#live = new Live({
      url: liveUrl(this.#options.server, "/widget/v1/live"),
      hello: () => ({ token: this.#token, page: this.page, after: resumeAfter(this.messages) }),
      poll: async () => {
        await this.#fetch();
        await this.call.refresh().catch(() => undefined);
      },
      onEvent: (event: WidgetEvent) => this.#happened(event),
      onState: (state) => this.#connectionChanged(state),
      onRefused: () => void this.#startOver(),
    });
    this.#live.start();
    void this.outbox.flush();
  }

  #connectionChanged(state: LiveState): void {
    this.connection = state;
    this.stale = state === "reconnecting";
    if (this.connected) {
      void this.outbox.flush();
      void this.call.refresh().catch(() => undefined);
    }
    this.#options.onChange();
  }

  /** A path of Ringback's server as a link. */
  link(path: string): string {
    return new URL(path, this.#options.server || location.href).href;
  }

  /** The server does not know this chat any more (it was purged): open a new one; what was not sent goes there. */
  async #startOver(): Promise<void> {
    this.#live?.stop();
    this.#live = null;
    const { memory } = this.#options;
    if (memory.read().token === this.#token) memory.forget(); // else another tab has opened the new one already
    memory.writeOutbox(this.outbox.entries.filter((entry) => entry.text !== undefined));
    this.outbox.entries = memory.readOutbox<Entry>();
    this.messages = [];
    this.callback = null;
    this.stage = "closed";
    await this.open();
  }

  #happened(event: WidgetEvent): void {
    switch (event.type) {
      case "snapshot":
        this.#apply(event.snapshot);
        return;
      case "message":
        if (hasGap(this.messages, event.message)) void this.#catchUp();
        else this.#receive([event.message]);
        break;
      case "callback":
        this.callback = event.callback;
        this.#settled("callback:cancel", "callback:move");
        break;
      case "call":
        this.#callChanged(event.call);
        break;
      case "signal":
        this.call.signal(event.leg, event.signal);
        return;
    }
    this.#options.onChange();
  }

  /** The state as it is; asking for it also says that this page is there. */
  async #fetch(): Promise<void> {
    this.#apply(await this.#client.get<ChatSnapshot>(`/widget/v1/chat?after=${resumeAfter(this.messages)}&page=${this.page}`));
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#fetch();
    } catch {
      // The next event or reconnection asks again.
    }
  }

  #apply(snapshot: ChatSnapshot): void {
    this.stage = "ready";
    this.business = snapshot.business;
    this.#options.memory.write({ business: snapshot.business });
    this.callback = snapshot.callback;
    this.#receive(snapshot.messages);
    this.skew = Date.parse(snapshot.now) - Date.now();
    this.#callChanged(snapshot.call);
    this.#options.onChange();
  }

  #callChanged(view: CallView | null): void {
    this.call.update(view);
    if (view && view.page !== this.page && (view.state === "joined" || view.state === "held" || view.state === "accepted")) void this.#reclaim(view);
  }

  /** A call goes on that this page does not hold: take it back when this tab held it before a reload, else offer to. */
  async #reclaim(view: CallView): Promise<void> {
    const about = `${view.leg} ${view.page}`;
    if (this.#considered === about) return;
    this.#considered = about;
    const wasHere = this.#options.memory.heldLeg === view.leg;
    this.reclaiming = wasHere;
    this.answeredElsewhere = view.page !== null && (await this.#tabs.isThere(view.page, wasHere ? 250 : 3_000));
    if (wasHere && !this.answeredElsewhere && this.view?.leg === view.leg && !this.call.mine) await this.call.take();
    this.reclaiming = false;
    this.#options.onChange();
  }

  #receive(messages: ChatMessage[]): void {
    this.messages = merge(this.messages, messages);
    this.#options.memory.messages = this.messages;
    for (const message of messages) {
      if (message.key) this.outbox.settled(message.key);
      if (message.prompt || message.status) this.#settled(...Object.keys(this.settling));
    }
  }

  #settled(...prompts: string[]): void {
    for (const prompt of prompts) {
      clearTimeout(this.settling[prompt]);
      delete this.settling[prompt];
    }
  }

  #delivered(entry: Entry, answer: unknown): void {
    if (entry.text !== undefined) this.#receive([answer as ChatMessage]);
    else if (entry.prompt) {
      const { prompt } = entry;
      this.settling[prompt] = setTimeout(() => {
        this.#settled(prompt);
        void this.#catchUp();
        this.#options.onChange();
      }, SETTLES_WITHIN) as unknown as number;
    }
    this.#options.onChange();
  }

  #refused(entry: Entry, problem: Problem): void {
    if (entry.text === undefined) this.refusals[entry.prompt?.startsWith("callback:") ? "" : (entry.prompt ?? "")] = problem;
    if (problem.status === 401 || problem.status === 404) void this.#catchUp();
    this.#options.onChange();
  }
}
