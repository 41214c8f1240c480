/** The desk's state and its commands: one view from the server, how live it is, and the posts that change it. */
import type { Accepted, DeskEvent, DeskView, LiveSignal, Problem, TransferTarget } from "../shared/contract";
import { Live, type LiveState, liveUrl } from "../shared/live";
import { type Client, Unreachable } from "../shared/post";
import { goToLogin } from "../shared/session";
import type { ServerClock } from "../shared/ticking";
import { forgetNotes } from "./notes";
import { Outbox } from "./outbox";

const SEND_AGAIN = 2_000;

export interface DeskSnapshot {
  view: DeskView | null;
  link: LiveState;
  lostSince: number | null; // milliseconds of this page's clock
  unsaved: Problem | null; // an outcome kept during a lost connection that the server then refused
  callAgain: { booked: boolean | null; words: string } | null; // what became of the call that the last outcome asks for
}

export interface Disposition {
  code: string;
  note?: string;
  call_again_at?: string;
}

export class DeskStore {
  snapshot: DeskSnapshot = { view: null, link: "connecting", lostSince: null, unsaved: null, callAgain: null };
  /** Hears what the other end signals; the call owns what happens with it. */
  onSignal: (leg: string, signal: LiveSignal) => void = () => undefined;
  onView: (view: DeskView) => void = () => undefined;
  onReached: () => void = () => undefined; // after a time without a connection, or the first time
  declined: string | null = null; // the attempt that this page passed on

  readonly outbox: Outbox;
  private readonly listeners = new Set<() => void>();
  private readonly live: Live;
  private sending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly client: Client,
    private readonly clock: ServerClock,
    readonly page: string,
  ) {
    this.outbox = new Outbox(sessionStorage, client, (attempt, answer) => {
      forgetNotes(attempt);
      this.change({ callAgain: answer?.words ? { booked: answer.booked, words: answer.words } : null });
    });
    this.live = new Live({
      url: liveUrl("", "/desk/v1/live"),
      hello: () => ({ page, after: 0 }),
      poll: () => this.refresh(),
      onEvent: (event: DeskEvent) => this.receive(event),
      onState: (link) => this.linkChanged(link),
      onRefused: () => goToLogin(),
    });
  }

  start(): void {
    this.live.start();
  }

  stop(): void {
    this.live.stop();
  }

  /** Try the connection now, because the agent asked for it. */
  retry(): void {
    this.live.retry();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async refresh(): Promise<void> {
    this.show(await this.client.get<DeskView>(`/desk/v1/view?page=${this.page}`));
  }

  setState(state: "available" | "paused" | "offline", reason?: string): Promise<void> {
    return this.command("/desk/v1/state", reason === undefined ? { state } : { state, reason });
  }

  voicemail(attempt: string): Promise<void> {
    return this.command(`/desk/v1/attempts/${attempt}/voicemail`);
  }

  wrongPerson(attempt: string): Promise<void> {
    return this.command(`/desk/v1/attempts/${attempt}/wrong-person`);
  }

  changeTalk(attempt: string, what: "hold" | "mute" | "recording", on: boolean): Promise<void> {
    return this.command(`/desk/v1/attempts/${attempt}/talk`, { what, on });
  }

  hangUp(attempt: string): Promise<void> {
    return this.command(`/desk/v1/attempts/${attempt}/hang-up`);
  }

  transferTargets(): Promise<TransferTarget[]> {
    return this.client.get<TransferTarget[]>("/desk/v1/transfer-targets");
  }

  transfer(attempt: string, to: TransferTarget): Promise<void> {
    return this.command(`/desk/v1/attempts/${attempt}/transfer`, { [to.kind]: to.id });
  }

  moreTime(attempt: string): Promise<void> {
    return this.command(`/desk/v1/attempts/${attempt}/more-time`);
  }

  /**
   * Kept on this page until the server has it: an outcome survives a lost connection and a reload, and is sent again by
   * itself. Raises Refused.
   */
  async finish(attempt: string, disposition: Disposition): Promise<void> {
    this.outbox.put(attempt, disposition);
    this.change({ unsaved: null });
    try {
      await this.outbox.flush(attempt);
    } catch (failure) {
      if (!(failure instanceof Unreachable)) throw failure;
      this.sendLater();
      return;
    }
    await this.refreshUnlessLive();
  }

  /** Goes on sending what is kept until somebody answers. */
  private sendLater(wait = SEND_AGAIN): void {
    clearTimeout(this.sending);
    if (this.outbox.isEmpty) return;
    this.sending = setTimeout(async () => {
      const refused = await this.outbox.flushAll();
      if (refused[0] !== undefined) this.change({ unsaved: refused[0].problem });
      if (this.outbox.isEmpty) await this.refreshUnlessLive();
      this.sendLater();
    }, wait);
  }

  takeChat(chat: string): Promise<void> {
    return this.command(`/desk/v1/chats/${chat}/take`);
  }

  writeInChat(chat: string, text: string): Promise<void> {
    return this.command(`/desk/v1/chats/${chat}/messages`, { text });
  }

  chatTargets(): Promise<TransferTarget[]> {
    return this.client.get<TransferTarget[]>("/desk/v1/chats/targets");
  }

  transferChat(chat: string, to: TransferTarget): Promise<void> {
    return this.command(`/desk/v1/chats/${chat}/transfer`, { [to.kind]: to.id });
  }

  endChat(chat: string): Promise<void> {
    return this.command(`/desk/v1/chats/${chat}/end`);
  }

  callNow(callback: string): Promise<void> {
    return this.command(`/desk/v1/callbacks/${callback}/call-now`);
  }

  /** The full number of a callback this agent has; each look is in the audit. */
  async number(callback: string): Promise<string> {
    return (await this.client.post<{ number: string }>(`/api/v1/callbacks/${callback}/number`)).number;
  }

  async create(request: Record<string, unknown>): Promise<unknown> {
    const answer = await this.client.post<unknown>("/desk/v1/callbacks", request);
    await this.refreshUnlessLive();
    return answer;
  }

  private async command(path: string, body: unknown = {}): Promise<void> {
    await this.client.post<Accepted>(path, body);
    await this.refreshUnlessLive();
  }

  /** Over the socket the new view comes by itself. */
  private async refreshUnlessLive(): Promise<void> {
    if (this.snapshot.link !== "live") await this.refresh().catch(() => undefined);
  }

  private receive(event: DeskEvent): void {
    if (event.type === "view") this.show(event.view);
    else if (event.type === "signal") this.onSignal(event.leg, event.signal);
  }

  private show(view: DeskView): void {
    this.clock.heard(view.now);
    this.change({ view });
    this.onView(view);
  }

  private linkChanged(link: LiveState): void {
    const reached = link === "live" || link === "polling";
    // "reconnecting" is said after three quiet seconds; they belong to the time lost.
    const lostSince = link === "reconnecting" ? (this.snapshot.lostSince ?? Date.now() - 3_000) : null;
    this.change({ link, lostSince });
    if (!reached) return;
    this.onReached();
    this.sendLater(0);
  }

  /** Something that is shown beside the view changed: the call's sound. */
  touch(): void {
    this.change({});
  }

  private change(part: Partial<DeskSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    for (const listener of this.listeners) listener();
  }
}
