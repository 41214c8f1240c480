/** What every talk has on the desk, wherever it is talked: who, how long, mute, hold, voicemail, wrong person, the end, notes and facts. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { announceNow } from "../shared/announcer";
import type { useCommand } from "../shared/command";
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

/** A button that is on or off. */
export interface Switch {
  on: boolean;
  label: string;
  off: boolean; // cannot be pressed now
  press: () => void;
}

interface TalkingFrameProps {
  current: DeskCallback;
  notes: Notes;
  since: string;
  mute: Switch;
  hold: Switch | null; // null: this carrier cannot
  hangUp: { off: boolean; press: () => void };
  command: ReturnType<typeof useCommand>;
  sound: string;
  level?: ComponentChildren;
  acts?: ComponentChildren;
  children?: ComponentChildren; // below the line about the sound
}

export function TalkingFrame({ current, notes, since, mute, hold, hangUp, command, sound, level, acts, children }: TalkingFrameProps) {
  const { store } = useFrame();
  const talked = timer(secondsSince(since, useNow()));
  const voicemail = (): void => void command.run(() => store.voicemail(current.attempt));
  const wrongPerson = (): void => void command.run(() => store.wrongPerson(current.attempt));
  useShortcuts({ m: mute.press, h: hold?.press, v: voicemail, "Shift+X": hangUp.press });
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
          {level}
          <span class="big-timer" role="timer" aria-live="off" aria-label={`Talking for ${talked}`}>
            {talked}
          </span>
        </div>
        <div class="row">
          <button type="button" class="button outlined" aria-pressed={mute.on} aria-disabled={mute.off} onClick={mute.press} {...useKeyName("M")}>
            <Icon name={mute.on ? "microphoneOff" : "microphone"} size={16} />
            {mute.label}
            <Key of="M" />
          </button>
          {hold && <HoldButton hold={hold} />}
          {acts}
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
          <button type="button" class="button end push" aria-disabled={hangUp.off} onClick={hangUp.press} {...useKeyName("Shift+X")}>
            <Icon name="phoneDown" size={16} />
            Hang up
            <Key of="Shift X" />
          </button>
        </div>
        <p class="dense sound" role="status">
          {sound}
        </p>
        {children}
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

function HoldButton({ hold }: { hold: Switch }) {
  return (
    <button type="button" class="button outlined" aria-pressed={hold.on} aria-disabled={hold.off} onClick={hold.press} {...useKeyName("H")}>
      <Icon name="held" size={16} />
      {hold.label}
      <Key of="H" />
    </button>
  );
}
