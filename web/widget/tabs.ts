/** Tabs of one browser ask each other whether a page is still there: after a reload it is not, and its call may be taken back. */
import { newKey } from "../shared/post";

interface Word {
  page: string;
  ask?: string;
  answer?: string;
}

export class Tabs {
  readonly #channel: BroadcastChannel | null;
  readonly #asked = new Map<string, (there: boolean) => void>();

  constructor(name: string, own: string) {
    this.#channel = globalThis.BroadcastChannel ? new BroadcastChannel(name) : null;
    if (!this.#channel) return;
    this.#channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.ask && data.page === own) this.#channel?.postMessage({ page: own, answer: data.ask });
      if (data.answer) this.#asked.get(data.answer)?.(true);
    };
  }

  /** The page answers within that many milliseconds: a busy one takes its time. */
  isThere(page: string, within: number): Promise<boolean> {
    if (!this.#channel) return Promise.resolve(false);
    const ask = newKey();
    return new Promise((resolve) => {
      const answer = (there: boolean) => {
        this.#asked.delete(ask);
        resolve(there);
      };
      this.#asked.set(ask, answer);
      setTimeout(() => answer(false), within);
      this.#channel?.postMessage({ page, ask });
    });
  }

  close(): void {
    this.#channel?.close();
  }
}
