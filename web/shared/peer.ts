/**
 * One peer connection of one round: offer, answer and trickled candidates in whatever order and however often they arrive.
 * The agent's page offers; the customer's page answers each offer, and starts over when it comes from a new connection.
 */
import type { Signal } from "./contract";

export interface PeerOptions {
  offers: boolean;
  iceServers: RTCIceServer[];
  relayOnly: boolean;
  microphone: MediaStream;
  send: (kind: Signal["kind"], payload: string) => void;
  onRemote: (stream: MediaStream) => void;
  onState: (state: RTCPeerConnectionState) => void;
}

export class Peer {
  #connection: RTCPeerConnection | null = null;
  #offerOrigin = "";
  #early: RTCIceCandidateInit[] = [];
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  readonly #options: PeerOptions;

  constructor(options: PeerOptions) {
    this.#options = options;
    if (options.offers) this.#inOrder(() => this.#offer());
  }

  receive(kind: Signal["kind"], payload: string): void {
    this.#inOrder(async () => {
      const description = JSON.parse(payload) as RTCSessionDescriptionInit & RTCIceCandidateInit;
      if (kind === "candidate") await this.#addCandidate(description);
      else if (kind === "offer" && !this.#options.offers) await this.#answer(description);
      else if (kind === "answer" && this.#options.offers) await this.#accept(description);
    });
  }

  /** Send the offer once more, with the candidates found so far: the first one may have come before anybody listened. */
  repeatOffer(): void {
    const connection = this.#connection;
    if (connection?.signalingState === "have-local-offer" && connection.localDescription) {
      this.#options.send("offer", JSON.stringify(connection.localDescription));
    }
  }

  async replaceMicrophone(track: MediaStreamTrack): Promise<void> {
    for (const sender of this.#connection?.getSenders() ?? []) await sender.replaceTrack(track);
  }

  close(): void {
    this.#closed = true;
    this.#discard();
  }

  async #offer(): Promise<void> {
    const connection = this.#open();
    await connection.setLocalDescription();
    this.#options.send("offer", JSON.stringify(connection.localDescription));
  }

  async #answer(offer: RTCSessionDescriptionInit): Promise<void> {
    const origin = /^o=.*$/m.exec(offer.sdp ?? "")?.[0] ?? "";
    const again = this.#connection !== null && origin === this.#offerOrigin;
    const connection = again && this.#connection ? this.#connection : this.#open();
    this.#offerOrigin = origin;
    await connection.setRemoteDescription(offer);
    await this.#addEarly();
    await connection.setLocalDescription();
    this.#options.send("answer", JSON.stringify(connection.localDescription));
  }

  async #accept(answer: RTCSessionDescriptionInit): Promise<void> {
    // The answer to a repeated offer changes nothing.
    if (this.#connection?.signalingState !== "have-local-offer") return;
    await this.#connection.setRemoteDescription(answer);
    await this.#addEarly();
  }

  async #addCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (!this.#connection?.remoteDescription) this.#early.push(candidate);
    else await this.#connection.addIceCandidate(candidate);
  }

  async #addEarly(): Promise<void> {
    for (const candidate of this.#early.splice(0)) await this.#connection?.addIceCandidate(candidate);
  }

  #open(): RTCPeerConnection {
    this.#discard();
    const connection = new RTCPeerConnection({
      iceServers: this.#options.iceServers,
      iceTransportPolicy: this.#options.relayOnly ? "relay" : "all",
    });
    this.#connection = connection;
    for (const track of this.#options.microphone.getAudioTracks()) connection.addTrack(track, this.#options.microphone);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.#options.send("candidate", JSON.stringify(candidate));
    };
    connection.ontrack = ({ track, streams }) => this.#options.onRemote(streams[0] ?? new MediaStream([track]));
    connection.onconnectionstatechange = () => this.#options.onState(connection.connectionState);
    return connection;
  }

  #discard(): void {
    const old = this.#connection;
    this.#connection = null;
    if (!old) return;
    old.onicecandidate = old.ontrack = old.onconnectionstatechange = null;
    old.close();
  }

  /** Signals are applied one at a time: each step of the negotiation awaits, and the next must see its result. */
  #inOrder(step: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      try {
        await step();
      } catch (failure) {
        // A stale candidate or description of a connection that is gone; the next offer mends it.
        console.debug("ringback: signal not applied", failure);
      }
    });
  }
}
