/** Tabs of one browser ask each other who holds a leg: after a reload nobody does, and this tab may take it back. */
import { newKey } from "../shared/post";


export class Holder {
  readonly #channel: BroadcastChannel | null;
  readonly #holds: (leg: string) => boolean;
  readonly #asked = new Map<string, (held: boolean) => void>();

  constructor(name: string, holds: (leg: string) => boolean) {
    this.#holds = holds;
    this.#channel = globalThis.BroadcastChannel ? new BroadcastChannel(name) : null;
    if (!this.#channel) return;
    this.#channel.onmessage = ({ data }: MessageEvent<{ ask?: string; held?: string; leg: string }>) => {
      if (data.ask && this.#holds(data.leg)) this.#channel?.postMessage({ held: data.ask, leg: data.leg });
      if (data.held) this.#asked.get(data.held)?.(true);
    };
  }

  /** Another tab of this browser holds the leg, and says so within that many milliseconds: a busy one takes its time. */
  isHeldElsewhere(leg: string, within: number): Promise<boolean> {
    if (!this.#channel) return Promise.resolve(false);
    const ask = newKey();
    return new Promise((resolve) => {
      const answer = (held: boolean) => {
        this.#asked.delete(ask);
        resolve(held);
      };
      this.#asked.set(ask, answer);
      setTimeout(() => answer(false), within);
      this.#channel?.postMessage({ ask, leg });
    });
  }

  close(): void {
    this.#channel?.close();
  }
}
