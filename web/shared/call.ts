/**
 * The page's side of a leg that rings or talks here, for the widget and the desk. It follows `CallView`, the current
 * state: whoever accepts first holds the leg, a higher round means "start the sound again", and a page that does not hold
 * the leg keeps its microphone closed.
 */
import type { CallInput, CallView, LiveSignal, Signal } from "./contract";
import { Peer } from "./peer";
import { Refused, type Client } from "./post";
import { LevelMeter, openMicrophone } from "./sound";

/** none: nothing to hear · connecting · connected · interrupted: sound paused, coming back by itself · lost: it did not. */
export type SoundState = "none" | "connecting" | "connected" | "interrupted" | "lost";

export interface CallOptions {
  offers: boolean; // the agent's page makes the offers
  page: string; // random id of this page load
  prefix: string; // "/widget/v1" or "/desk/v1"
  client: Client;
  audio: HTMLAudioElement; // in the document, autoplay, playsinline
  iceServers: () => RTCIceServer[];
  relayOnly?: () => boolean; // sound only through the TURN servers
  onChange: () => void; // something below changed: draw again
  onLevel?: (level: number) => void; // loudness of the other side, 0 to 1
}

const NUDGE = 3_000;
const RENEGOTIATE_AFTER = { offerer: 2_000, answerer: 9_000 }; // the other side's page may be about to do it
const LOST_AFTER = 30_000;

export class Call {
  view: CallView | null = null;
  sound: SoundState = "none";
  muted = false;
  busy = false; // an input is on its way
  needsTap = false; // the browser plays no sound before the person acts
  problem: string | null = null;
  level = 0;

  #microphone: MediaStream | null = null;
  #peer: Peer | null = null;
  #round = -1;
  #leg: string | null = null;
  #lastSignal = 0;
  #waiting = new Map<number, LiveSignal[]>();
  #outgoing: Promise<unknown> = Promise.resolve();
  #meter = new LevelMeter();
  #soundReported = -1;
  #alertedLeg = "";
  #timers: Partial<Record<"nudge" | "mend" | "lost", ReturnType<typeof setTimeout>>> = {};

  readonly #options: CallOptions;

  constructor(options: CallOptions) {
    this.#options = options;
    options.audio.autoplay = true;
  }

  get audio(): HTMLAudioElement {
    return this.#options.audio;
  }

  /** What the other side says, for whoever wants to measure it; null while nothing comes. */
  get remoteStream(): MediaStream | null {
    return this.#options.audio.srcObject as MediaStream | null;
  }

  /** This page holds the leg. */
  get mine(): boolean {
    return this.view?.page === this.#options.page && this.#talking;
  }

  get #talking(): boolean {
    return this.view !== null && ["accepted", "joined", "held"].includes(this.view.state);
  }

  /** Follow the state that the server tells. */
  update(view: CallView | null): void {
    if (view?.leg !== this.#leg) {
      this.#silence();
      this.#leg = view?.leg ?? null;
      this.#lastSignal = 0;
      this.#waiting.clear();
      this.muted = false;
      if (view) this.problem = null;
    }
    this.view = view;
    if (!this.mine) this.#silence();
    else if (view && view.state !== "accepted" && view.round > this.#round) void this.#begin(view.round);
    if (view?.state === "ringing") this.#alerted(view.leg);
    this.#applyHold();
    this.#options.onChange();
  }

  /** A signal of the other page, live or fetched; each counts once. */
  signal(leg: string, signal: LiveSignal): void {
    if (leg !== this.#leg || signal.id <= this.#lastSignal) return;
    this.#lastSignal = signal.id;
    if (signal.round < this.#round) return;
    if (this.#peer && signal.round === this.#round) this.#peer.receive(signal.kind, signal.payload);
    else this.#waiting.set(signal.round, [...(this.#waiting.get(signal.round) ?? []), signal]);
  }

  /** Fetch signals that a lost connection may have swallowed. */
  async refresh(): Promise<void> {
    const leg = this.#leg;
    if (!leg || !this.mine) return;
    const path = `${this.#options.prefix}/calls/${leg}/signals?after=${this.#lastSignal}`;
    for (const signal of await this.#options.client.get<LiveSignal[]>(path)) this.signal(leg, signal);
  }

  async accept(): Promise<boolean> {
    return this.#holdLeg("accept");
  }

  /** Continue here: take the leg over from a page that was reloaded, closed or is another tab. */
  async take(): Promise<boolean> {
    return this.#holdLeg("take");
  }

  async decline(reason?: string): Promise<void> {
    await this.#input("decline", reason);
  }

  /** The microphone closes at once, whatever the server says later. */
  async hangUp(): Promise<void> {
    this.#silence();
    this.#round = Number.MAX_SAFE_INTEGER;
    await this.#input("hang_up");
  }

  async setHeld(held: boolean): Promise<void> {
    await this.#input(held ? "hold" : "resume");
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    this.#applyHold();
    this.#options.onChange();
  }

  async useMicrophone(device: string): Promise<void> {
    const fresh = await openMicrophone(device);
    const track = fresh.getAudioTracks()[0];
    if (!track) return;
    await this.#peer?.replaceMicrophone(track);
    this.#closeMicrophone();
    this.#microphone = fresh;
    this.#applyHold();
  }

  /** Play after the person's own act where the browser insisted on one. */
  async play(): Promise<void> {
    try {
      await this.#options.audio.play();
      this.needsTap = false;
    } catch {
      this.needsTap = this.remoteStream !== null;
    }
    this.#options.onChange();
  }

  /** Let go of microphone and sound without telling the server: the page goes away. */
  close(): void {
    this.#silence();
    this.#leg = null;
    this.view = null;
  }

  async #holdLeg(kind: "accept" | "take"): Promise<boolean> {
    const leg = this.#leg;
    if (this.busy || !leg) return false;
    this.busy = true;
    this.problem = null;
    this.#options.onChange();
    try {
      this.#microphone ??= await openMicrophone();
      await this.#send(leg, kind);
      return true;
    } catch (failure) {
      this.problem = wordsFor(failure);
      this.busy = false;
      if (!this.mine) this.#silence();
      return false;
    } finally {
      this.busy = false;
      this.#options.onChange();
    }
  }

  async #input(kind: CallInput["kind"], reason?: string): Promise<void> {
    const leg = this.#leg;
    if (!leg) return;
    this.busy = true;
    this.#options.onChange();
    try {
      await this.#send(leg, kind, reason);
      this.problem = null;
    } catch (failure) {
      this.problem = wordsFor(failure);
    } finally {
      this.busy = false;
      this.#options.onChange();
    }
  }

  #send(leg: string, kind: CallInput["kind"], reason?: string): Promise<unknown> {
    const input: CallInput = { page: this.#options.page, kind, ...(reason ? { reason } : {}) };
    return this.#options.client.post(`${this.#options.prefix}/calls/${leg}/inputs`, input);
  }

  /** This page shows that it rings: the evidence that the device rang, wanted at once and once. */
  #alerted(leg: string): void {
    if (this.#alertedLeg === leg) return;
    this.#alertedLeg = leg;
    void this.#send(leg, "alerted").catch(() => undefined);
  }

  /** Start the sound of a round, dropping that of the one before. */
  async #begin(round: number): Promise<void> {
    const leg = this.#leg;
    if (!leg) return;
    this.#peer?.close();
    this.#peer = null;
    this.#round = round;
    this.#setSound(this.sound === "none" ? "connecting" : "interrupted");
    let microphone: MediaStream;
    try {
      microphone = this.#microphone ??= await openMicrophone();
    } catch (failure) {
      this.problem = wordsFor(failure);
      this.#options.onChange();
      return;
    }
    if (!this.mine || this.#round !== round) return;
    for (const track of microphone.getAudioTracks()) track.onended = () => this.#microphoneGone();
    this.#applyHold();
    const peer = new Peer({
      offers: this.#options.offers,
      iceServers: this.#options.iceServers(),
      relayOnly: this.#options.relayOnly?.() ?? false,
      microphone,
      send: (kind, payload) => this.#sendSignal(leg, round, kind, payload),
      onRemote: (stream) => this.#hear(stream),
      onState: (state) => this.#connectionChanged(state),
    });
    this.#peer = peer;
    for (const early of this.#waiting.get(round) ?? []) peer.receive(early.kind, early.payload);
    for (const known of this.#waiting.keys()) if (known <= round) this.#waiting.delete(known);
    this.#nudge(peer);
    await this.refresh().catch(() => undefined);
  }

  /** Until there is sound: fetch what a lost connection swallowed, and offer again. */
  #nudge(peer: Peer): void {
    this.#after("nudge", NUDGE, () => {
      if (peer !== this.#peer || this.sound === "connected") return;
      peer.repeatOffer();
      void this.refresh().catch(() => undefined);
      this.#nudge(peer);
    });
  }

  #sendSignal(leg: string, round: number, kind: Signal["kind"], payload: string): void {
    const signal: Signal = { page: this.#options.page, round, kind, payload };
    // One after another, so that a candidate does not overtake its offer by the network's whim.
    this.#outgoing = this.#outgoing
      .then(() => (round === this.#round && leg === this.#leg ? this.#options.client.post(`${this.#options.prefix}/calls/${leg}/signals`, signal) : null))
      .catch(() => undefined); // the offer is repeated; a refusal means that the leg has moved on
  }

  #hear(stream: MediaStream): void {
    if (this.#options.audio.srcObject !== stream) this.#options.audio.srcObject = stream;
    this.#meter.start(stream, (level) => {
      this.level = level;
      this.#options.onLevel?.(level);
    });
    void this.play();
  }

  #connectionChanged(state: RTCPeerConnectionState): void {
    if (state === "connected") {
      this.#clear("mend", "lost");
      this.#setSound("connected");
      if (this.#soundReported < this.#round && this.#leg) {
        this.#soundReported = this.#round;
        void this.#send(this.#leg, "sound").catch(() => undefined);
      }
    } else if (state === "disconnected" || state === "failed") {
      this.#setSound("interrupted");
      const wait = state === "failed" && this.#options.offers ? 0 : this.#options.offers ? RENEGOTIATE_AFTER.offerer : RENEGOTIATE_AFTER.answerer;
      this.#after("mend", wait, () => this.#renegotiate());
      if (!this.#timers.lost) this.#after("lost", LOST_AFTER, () => this.#giveUp());
    }
  }

  /** Ask for a new round; both pages start over when they see it. */
  #renegotiate(): void {
    if (!this.mine || this.sound === "connected" || !this.#leg) return;
    void this.#send(this.#leg, "take").catch(() => undefined);
    this.#after("mend", RENEGOTIATE_AFTER.answerer, () => this.#renegotiate());
  }

  #giveUp(): void {
    this.#clear("mend");
    this.#setSound("lost");
    if (this.#leg) void this.#send(this.#leg, "lost", "no sound for 30 s").catch(() => undefined);
  }

  #microphoneGone(): void {
    this.problem = "The microphone stopped. Plug it in or choose another.";
    this.#options.onChange();
  }

  #applyHold(): void {
    const held = this.view?.state === "held";
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = !this.muted && !held;
    this.#options.audio.muted = held;
  }

  #silence(): void {
    this.#peer?.close();
    this.#peer = null;
    this.#round = -1;
    this.#soundReported = -1;
    this.#clear("nudge", "mend", "lost");
    this.#meter.stop();
    this.level = 0;
    this.needsTap = false;
    this.#options.audio.srcObject = null;
    this.sound = "none";
    if (!this.busy) this.#closeMicrophone(); // while busy it is being opened for accepting
  }

  #closeMicrophone(): void {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = null;
  }

  #setSound(sound: SoundState): void {
    this.sound = sound;
    this.#options.onChange();
  }

  #after(name: "nudge" | "mend" | "lost", wait: number, act: () => void): void {
    this.#clear(name);
    this.#timers[name] = setTimeout(() => {
      delete this.#timers[name];
      act();
    }, wait);
  }

  #clear(...names: ("nudge" | "mend" | "lost")[]): void {
    for (const name of names) {
      clearTimeout(this.#timers[name]);
      delete this.#timers[name];
    }
  }
}

/** An audio element for the other side's voice, kept in `parent` so that browsers go on playing it. */
export function callAudio(parent: Node): HTMLAudioElement {
  const audio = document.createElement("audio");
  audio.autoplay = true;
  audio.setAttribute("playsinline", "");
  audio.hidden = true;
  parent.appendChild(audio);
  return audio;
}

function wordsFor(failure: unknown): string {
  if (failure instanceof Refused) return [failure.problem.detail || failure.problem.title, failure.problem.next].filter(Boolean).join(" ");
  return failure instanceof Error ? failure.message : String(failure);
}
