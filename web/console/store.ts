/** The console's state: one view kept fresh by patches, the opened rows' reasons, and how live all of it is. */
import type { ConsoleDetail, ConsoleEvent, ConsoleView, RecordingItem } from "../shared/contract";
import { Live, type LiveState, liveUrl } from "../shared/live";
import { type Client, newKey } from "../shared/post";
import { goToLogin } from "../shared/session";
import type { ServerClock } from "../shared/ticking";
import { applyEvent } from "./rows";

export interface ConsoleSnapshot {
  view: ConsoleView | null;
  link: LiveState;
  heardAt: string | null; // the server's time of the last thing heard
  queue: string | null; // slug; null: all of them
}

export class ConsoleStore {
  snapshot: ConsoleSnapshot;
  private readonly listeners = new Set<() => void>();
  private live: Live;

  constructor(
    readonly client: Client,
    private readonly clock: ServerClock,
    queue: string | null,
  ) {
    this.snapshot = { view: null, link: "connecting", heardAt: null, queue };
    this.live = this.makeLive(queue);
  }

  start(): void {
    this.live.start();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Shows one queue, or all of them: another view, so another connection. */
  choose(queue: string | null): void {
    this.live.stop();
    this.change({ queue, link: "connecting" });
    this.live = this.makeLive(queue);
    this.live.start();
  }

  viewOf(queue: string | null): Promise<ConsoleView> {
    return this.client.get<ConsoleView>(`/console/v1/view${queryOf(queue)}`);
  }

  detail(callback: string): Promise<ConsoleDetail> {
    return this.client.get<ConsoleDetail>(`/console/v1/callbacks/${callback}`);
  }

  async recordings(callback: string): Promise<RecordingItem[]> {
    return (await this.client.get<{ items: RecordingItem[] }>(`/api/v1/callbacks/${callback}/recordings`)).items;
  }

  private makeLive(queue: string | null): Live {
    const page = newKey();
    return new Live({
      url: liveUrl("", `/console/v1/live${queryOf(queue)}`),
      hello: () => ({ page, after: 0 }),
      poll: async () => this.receive({ type: "view", view: await this.viewOf(queue) }),
      onEvent: (event: ConsoleEvent) => this.receive(event),
      onState: (link) => this.change({ link }),
      onRefused: () => goToLogin(),
    });
  }

  private receive(event: ConsoleEvent): void {
    if (event.type !== "view" && event.type !== "patch") return; // of a newer server
    const now = event.type === "view" ? event.view.now : event.patch.now;
    if (now !== undefined) this.clock.heard(now);
    const heardAt = now ?? new Date(this.clock.now()).toISOString();
    this.change({ view: applyEvent(this.snapshot.view, event), heardAt });
  }

  private change(part: Partial<ConsoleSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    for (const listener of this.listeners) listener();
  }
}

function queryOf(queue: string | null): string {
  return queue === null ? "" : `?queue=${encodeURIComponent(queue)}`;
}
