/** The two are joined: mute, hold, hang up, voicemail, wrong person, notes; the sound's own state in words. */
import { useEffect, useRef } from "preact/hooks";
import { announceNow } from "../shared/announcer";
import type { Call, SoundState } from "../shared/call";
import { useCommand } from "../shared/command";
import type { DeskCallback } from "../shared/contract";
import { Icon } from "../shared/icons";
import { Menu, MenuItem } from "../shared/menu";
import { ProblemLine } from "../shared/problem-line";
import { Key, useKeyName, useShortcuts } from "../shared/shortcuts";
import { secondsSince, useNow } from "../shared/ticking";
import { timer } from "../shared/time";
import { CallbackFacts } from "./facts";
import { useFrame } from "./frame";
import { type Notes, NotesField } from "./notes";
import { CallProblem } from "./stage-ringing";
import { firstName } from "./words";

interface TalkingStageProps {
  current: DeskCallback;
  call: Call;
  notes: Notes;
}

export function TalkingStage({ current, call, notes }: TalkingStageProps) {
  const { store } = useFrame();
  const command = useCommand();
  const held = call.view?.state === "held";
  const since = call.view?.joined_at ?? current.stage_since;
  const talked = timer(secondsSince(since, useNow()));
  const first = firstName(current.customer.name);

  const mute = (): void => {
    if (!held) call.setMuted(!call.muted);
  };
  const hold = (): void => {
    if (current.can_hold && !call.busy) void call.setHeld(!held);
  };
  const hangUp = (): void => void call.hangUp();
  const voicemail = (): void => void command.run(() => store.voicemail(current.attempt));
  const wrongPerson = (): void => void command.run(() => store.wrongPerson(current.attempt));
  useShortcuts({ m: mute, h: current.can_hold ? hold : undefined, v: voicemail, "Shift+X": hangUp });
  useEffect(() => {
    announceNow(`Connected to ${current.customer.name}`);
    return () => announceNow("Call ended");
  }, [current.attempt]);

  return (
    <>
      <section class="card stage-card" aria-labelledby="talking-title">
        <div class="who">
          <span class="avatar large" aria-hidden="true">
            {current.customer.name.charAt(0)}
          </span>
          <div>
            <h1 id="talking-title">{current.customer.name}</h1>
            <p class="second">{current.topic ?? "No topic given"}</p>
          </div>
          <Level call={call} />
          <span class="big-timer" role="timer" aria-live="off" aria-label={`Talking for ${talked}`}>
            {talked}
          </span>
        </div>
        <div class="row">
          <button type="button" class="button outlined" aria-pressed={call.muted} aria-disabled={held} onClick={mute} {...useKeyName("M")}>
            <Icon name={call.muted ? "microphoneOff" : "microphone"} size={16} />
            {held ? "Muted while held" : call.muted ? "Unmute" : "Mute"}
            <Key of="M" />
          </button>
          {current.can_hold && (
            <button type="button" class="button outlined" aria-pressed={held} aria-disabled={call.busy} onClick={hold} {...useKeyName("H")}>
              <Icon name="held" size={16} />
              {held ? "Take off hold" : "Hold"}
              <Key of="H" />
            </button>
          )}
          <Menu
            buttonClass="button"
            label={
              <>
                More
                <Icon name="chevronDown" size={16} />
              </>
            }
          >
            {(close) => (
              <>
                <MenuItem shortcut="V" onChoose={() => (close(), voicemail())}>
                  Voicemail answered
                  <Key of="V" />
                </MenuItem>
                <MenuItem onChoose={() => (close(), wrongPerson())}>Wrong person</MenuItem>
              </>
            )}
          </Menu>
          <button type="button" class="button end push" aria-disabled={call.busy} onClick={hangUp} {...useKeyName("Shift+X")}>
            <Icon name="phoneDown" size={16} />
            Hang up
            <Key of="Shift X" />
          </button>
        </div>
        <p class="dense sound" role="status">
          {soundLine(call.sound, call.muted, held, first)}
        </p>
        {call.needsTap && (
          <button type="button" class="button filled" onClick={() => void call.play()}>
            Turn the sound on
          </button>
        )}
        <CallProblem call={call} />
        <ProblemLine problem={command.problem} />
      </section>
      <section class="card stage-card" aria-label="Notes">
        <NotesField notes={notes} />
      </section>
      <details class="card stage-card">
        <summary>What was promised, and why you</summary>
        <CallbackFacts current={current} />
      </details>
    </>
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
