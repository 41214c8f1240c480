/** A soft two-tone ring while a callback rings, only where the agent has switched it on. */

const TONES = [660, 550];
const EVERY = 2_000;

export class RingingSound {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Starts ringing, or goes on; a browser that plays nothing before the first click stays silent. */
  start(): void {
    if (this.timer !== undefined) return;
    this.context ??= new AudioContext();
    void this.context.resume().catch(() => undefined);
    this.ring();
    this.timer = setInterval(() => this.ring(), EVERY);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private ring(): void {
    const { context } = this;
    if (context === null || context.state !== "running") return;
    TONES.forEach((frequency, index) => {
      const start = context.currentTime + index * 0.28;
      const oscillator = context.createOscillator();
      const loudness = context.createGain();
      oscillator.frequency.value = frequency;
      loudness.gain.setValueAtTime(0, start);
      loudness.gain.linearRampToValueAtTime(0.12, start + 0.03);
      loudness.gain.linearRampToValueAtTime(0, start + 0.26);
      oscillator.connect(loudness).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(start + 0.28);
    });
  }
}
