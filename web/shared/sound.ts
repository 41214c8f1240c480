/** Microphone, speaker and level: what a call needs of the device, apart from the connection. */

export const NO_MICROPHONE = "No microphone. Allow it, or use a phone.";

/** Ask for the microphone; the browser's own echo cancellation and noise suppression stay on. */
export async function openMicrophone(device?: string): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error(NO_MICROPHONE);
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: device ? { deviceId: { exact: device } } : true });
  } catch (failure) {
    throw new Error(NO_MICROPHONE, { cause: failure });
  }
}

export interface SoundDevices {
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[]; // empty where the browser cannot choose one
}

export async function soundDevices(): Promise<SoundDevices> {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const choosable = "setSinkId" in HTMLMediaElement.prototype;
  return {
    microphones: devices.filter((device) => device.kind === "audioinput" && device.deviceId),
    speakers: choosable ? devices.filter((device) => device.kind === "audiooutput" && device.deviceId) : [],
  };
}

/** Measures how loud a stream is, 0 to 1, five times a second while it runs. */
export class LevelMeter {
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  start(stream: MediaStream, onLevel: (level: number) => void): void {
    this.stop();
    if (!globalThis.AudioContext || stream.getAudioTracks().length === 0) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    void context.resume().catch(() => undefined);
    const samples = new Float32Array(analyser.fftSize);
    this.#context = context;
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const decibels = 10 * Math.log10(power + 1e-10);
      onLevel(Math.min(1, Math.max(0, (decibels + 60) / 50))); // −60 dB is silence, −10 dB full
    }, 200);
  }

  stop(): void {
    clearInterval(this.#timer);
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
  }
}
