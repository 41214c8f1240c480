/**
 * Live updates over one WebSocket, resumed by what the page has seen last. Where no WebSocket can be opened it polls;
 * a page is told "reconnecting" only after three seconds without either.
 */

import { Refused } from "./post";

/** connecting: not yet heard from the server · reconnecting: nothing for 3 s · stopped: closed for good. */
export type LiveState = "connecting" | "live" | "polling" | "reconnecting" | "stopped";

export interface LiveOptions {
  url: string; // ws(s):// address
  hello: () => Record<string, unknown>; // read at each opening, so that `after` is the newest seen
  poll: () => Promise<void>; // fetches the state once by HTTP; rejects when the server is not reached
  onEvent: (event: never) => void;
  onState: (state: LiveState) => void;
  /** Close codes after which it is useless to come back by itself: 4401 log in again, 4404 no such chat. */
  onRefused: (code: number) => void;
  openSocket?: (url: string) => WebSocket;
}

const PRESENCE = 5_000;
const SILENCE = 12_000; // a server that answers presence and stopped doing so is gone, whatever TCP believes
const PATIENCE = 3_000;
const POLL = 2_000;
const OPENING = 6_000;
const SOCKET_RETRY_WHILE_POLLING = 30_000;
const SOON = 1_000;
const FAILURES_BEFORE_POLLING = 2;
const LONGEST_WAIT = 10_000;

type Timer = ReturnType<typeof setTimeout>;

export class Live {
  state: LiveState = "connecting";

  #socket: WebSocket | null = null;
  #heard = false;
  #failures = 0;
  #answersPresence = false;
  #lastHeard = 0;
  #timers = new Map<string, Timer>();
  #polling = false;
  #unreached = false; // the last poll found no server
  #stopped = false;

  readonly #options: LiveOptions;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#complainLater();
    this.#connect();
    globalThis.addEventListener?.("online", this.#hurry);
    globalThis.document?.addEventListener("visibilitychange", this.#hurry);
  }

  stop(): void {
    this.#stopped = true;
    globalThis.removeEventListener?.("online", this.#hurry);
    globalThis.document?.removeEventListener("visibilitychange", this.#hurry);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#drop();
    this.#enter("stopped");
  }

  /** The person asked: try now. */
  retry(): void {
    this.#hurry();
  }

  /** Say something over the socket; lost when there is none, so only for hints such as "typing". */
  send(message: Record<string, unknown>): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #connect(): void {
    this.#drop();
    if (this.#stopped) return;
    let socket: WebSocket;
    try {
      socket = (this.#options.openSocket ?? ((url: string) => new WebSocket(url)))(this.#options.url);
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    this.#heard = false;
    this.#after("opening", OPENING, () => this.#lost());
    socket.onopen = () => {
      this.send({ hello: this.#options.hello() });
      this.#lastHeard = Date.now();
      this.#beat();
    };
    socket.onmessage = (message) => this.#received(String(message.data));
    socket.onclose = (closed) => this.#lost(closed.code);
    socket.onerror = () => undefined; // a close follows
  }

  #received(data: string): void {
    this.#lastHeard = Date.now();
    const event = JSON.parse(data) as { type: string };
    if (!this.#heard) {
      this.#heard = true;
      this.#failures = 0;
      this.#clear("opening", "poll", "complain");
      this.#enter("live");
    }
    if (event.type === "here") this.#answersPresence = true;
    else this.#options.onEvent(event as never);
  }

  #beat(): void {
    this.#after("beat", PRESENCE, () => {
      if (this.#answersPresence && Date.now() - this.#lastHeard > SILENCE) return this.#lost();
      this.send({ here: true });
      this.#beat();
    });
  }

  #lost(code = 0): void {
    if (this.#stopped) return;
    this.#drop();
    if (code === 4401 || code === 4404) return this.#refused(code);
    if (!this.#heard) this.#failures += 1;
    this.#heard = false;
    this.#complainLater();
    const polls = this.#failures >= FAILURES_BEFORE_POLLING;
    const wait = polls ? SOCKET_RETRY_WHILE_POLLING : Math.min(400 * 2 ** this.#failures, LONGEST_WAIT);
    this.#after("connect", wait * (0.75 + Math.random() / 2), () => this.#connect());
    if (polls) this.#poll();
  }

  #refused(code: number): void {
    this.#drop();
    this.#clear("opening", "beat", "connect", "poll", "complain");
    this.#options.onRefused(code);
  }

  #poll(): void {
    if (this.#polling || this.#stopped || this.#heard) return;
    this.#polling = true;
    this.#options.poll().then(
      () => this.#polled(true),
      (failure: unknown) => this.#polled(false, failure),
    );
  }

  #polled(reached: boolean, failure?: unknown): void {
    this.#polling = false;
    if (this.#stopped || this.#heard) return;
    if (failure instanceof Refused && failure.status === 401) return this.#refused(4401); // nobody whom the server knows
    if (reached) {
      this.#clear("complain");
      this.#enter("polling");
      if (this.#unreached) this.#connectSoon(); // the server is back: what failed before was not the socket's fault
    } else {
      this.#complainLater();
    }
    this.#unreached = !reached;
    this.#after("poll", POLL, () => this.#poll());
  }

  /** Not all pages of a server that was started anew at one moment. */
  #connectSoon(): void {
    if (this.#timers.has("connect")) this.#after("connect", Math.random() * SOON, () => this.#connect());
  }

  /** The network came back or the page is looked at again: do not sit out the rest of the wait. */
  #hurry = (): void => {
    if (this.#stopped || this.#heard || globalThis.document?.hidden) return;
    if (this.#timers.has("connect")) {
      this.#failures = 0;
      this.#connect();
    }
  };

  #complainLater(): void {
    if (!this.#timers.has("complain") && this.state !== "reconnecting") this.#after("complain", PATIENCE, () => this.#enter("reconnecting"));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#clear("opening", "beat", "connect");
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #enter(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    this.#options.onState(state);
  }

  #after(name: string, wait: number, act: () => void): void {
    this.#clear(name);
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        act();
      }, wait),
    );
  }

  #clear(...names: string[]): void {
    for (const name of names) {
      clearTimeout(this.#timers.get(name));
      this.#timers.delete(name);
    }
  }
}

/** The WebSocket address of a path on the server that `base` (an origin, or "" for the page's own) names. */
export function liveUrl(base: string, path: string): string {
  const url = new URL(path, base || location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
