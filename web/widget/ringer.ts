/** Makes a ringing call noticed while the page is not looked at: a soft tone and the page's title, until it stops ringing. */
import type { CallView } from "../shared/contract";
import { words } from "./words";

const PAUSE = 3_000;

export class Ringer {
  #timer: ReturnType<typeof setInterval> | undefined;
  #context: AudioContext | null = null;
  #title: string | null = null;

  constructor(private readonly wanted: () => boolean) {}

  follow(call: CallView | null): void {
    if (call?.state === "ringing") this.#start(words.callingYou(call.peer_name));
    else this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
    if (this.#title !== null) document.title = this.#title;
    this.#title = null;
  }

  #start(line: string): void {
    if (this.#timer) return;
    this.#title = document.title;
    document.title = line;
    this.#tone();
    this.#timer = setInterval(() => this.#tone(), PAUSE);
  }

  /** Two short tones. Browsers allow them only after the person has used the page: then it stays silent. */
  #tone(): void {
    if (!this.wanted() || !globalThis.AudioContext || !navigator.userActivation?.hasBeenActive) return;
    const context = (this.#context ??= new AudioContext());
    for (const [start, pitch] of [[0, 587], [0.45, 494]] as const) {
      const [voice, gain] = [context.createOscillator(), context.createGain()];
      const at = context.currentTime + start;
      voice.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.08, at + 0.03);
      gain.gain.linearRampToValueAtTime(0, at + 0.4);
      voice.connect(gain).connect(context.destination);
      voice.start(at);
      voice.stop(at + 0.42);
    }
  }
}
