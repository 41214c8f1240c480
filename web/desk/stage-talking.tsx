/** The two are joined in the browser: the sound's own state in words, and how loud the customer is. */
import { useEffect, useRef } from "preact/hooks";
import type { Call, SoundState } from "../shared/call";
import { useCommand } from "../shared/command";
import type { DeskCallback } from "../shared/contract";
import type { Notes } from "./notes";
import { CallProblem } from "./stage-ringing";
import { TalkingFrame } from "./talking-frame";
import { firstName } from "./words";

interface TalkingStageProps {
  current: DeskCallback;
  call: Call;
  notes: Notes;
}

export function TalkingStage({ current, call, notes }: TalkingStageProps) {
  const command = useCommand();
  const held = call.view?.state === "held";
  const first = firstName(current.customer.name);
  const mute = (): void => {
    if (!held) call.setMuted(!call.muted);
  };
  const hold = (): void => {
    if (!call.busy) void call.setHeld(!held);
  };
  return (
    <TalkingFrame
      current={current}
      notes={notes}
      since={call.view?.joined_at ?? current.stage_since}
      mute={{ on: call.muted, label: held ? "Muted while held" : call.muted ? "Unmute" : "Mute", off: held, press: mute }}
      hold={current.can_hold ? { on: held, label: held ? "Take off hold" : "Hold", off: call.busy, press: hold } : null}
      hangUp={{ off: call.busy, press: () => void call.hangUp() }}
      command={command}
      sound={soundLine(call.sound, call.muted, held, first)}
      level={<Level call={call} />}
    >
      {call.needsTap && (
        <button type="button" class="button filled" onClick={() => void call.play()}>
          Turn the sound on
        </button>
      )}
      <CallProblem call={call} />
    </TalkingFrame>
  );
}

function soundLine(sound: SoundState, muted: boolean, held: boolean, first: string): string {
  if (held) return `On hold. Neither of you hears the other.`;
  if (sound === "interrupted") return "Sound paused, reconnecting. The call goes on.";
  if (sound === "lost") return "The sound did not come back. Hang up and call again, or wait while it is tried again.";
  if (sound !== "connected") return "Connecting sound";
  return muted ? `You are muted. ${atStartOf(first)} does not hear you.` : `You and ${first} hear each other.`;
}

function atStartOf(first: string): string {
  return first.charAt(0).toUpperCase() + first.slice(1);
}

/** How loud the other side is: five bars, drawn ten times a second without drawing the page again. */
function Level({ call }: { call: Call }) {
  const bars = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      const lit = Math.min(5, Math.ceil(call.level * 8));
      [...(bars.current?.children ?? [])].forEach((bar, index) => bar.classList.toggle("lit", index < lit));
    }, 100);
    return () => clearInterval(timer);
  }, [call]);
  return (
    <span class="level" ref={bars} aria-hidden="true" title="How loud the customer is">
      <i />
      <i />
      <i />
      <i />
      <i />
    </span>
  );
}
