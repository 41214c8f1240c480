/** Behind "Sound": volume, and which microphone and speaker the browser uses for the call. */
import { useEffect, useState } from "preact/hooks";

import type { Call } from "../shared/call";
import { soundDevices, type SoundDevices } from "../shared/sound";
import { words } from "./words";

export function SoundPanel({ call }: { call: Call }) {
  const [devices, setDevices] = useState<SoundDevices>({ microphones: [], speakers: [] });
  const { audio } = call;
  useEffect(() => void soundDevices().then(setDevices, () => undefined), []);
  return (
    <div class="sound">
      <label>
        <span>{words.volume}</span>
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          defaultValue={String(audio.volume)}
          onInput={(event) => {
            audio.volume = Number(event.currentTarget.value);
          }}
        />
      </label>
      <Choice label={words.microphone} devices={devices.microphones} onChoose={(id) => void call.useMicrophone(id).catch(() => undefined)} />
      <Choice label={words.speaker} devices={devices.speakers} onChoose={(id) => void audio.setSinkId(id).catch(() => undefined)} />
    </div>
  );
}

function Choice({ label, devices, onChoose }: { label: string; devices: MediaDeviceInfo[]; onChoose: (id: string) => void }) {
  if (devices.length < 2) return null;
  return (
    <label>
      <span>{label}</span>
      <select onChange={(event) => onChoose(event.currentTarget.value)}>
        {devices.map((device) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || label}
          </option>
        ))}
      </select>
    </label>
  );
}
