/** The call of an agent with a telephone: it rings and is talked on there; hold, mute, recording, transfer and the end are here. */
import { useEffect } from "preact/hooks";
import { announceNow } from "../shared/announcer";
import { useCommand } from "../shared/command";
import type { DeskCallback } from "../shared/contract";
import { Icon } from "../shared/icons";
import { ProblemLine } from "../shared/problem-line";
import { Key, useKeyName, useShortcuts } from "../shared/shortcuts";
import { secondsUntil, useNow } from "../shared/ticking";
import { CountdownRing } from "./countdown-ring";
import { CallbackFacts } from "./facts";
import { useFrame } from "./frame";
import { HandOver } from "./hand-over";
import type { Notes } from "./notes";
import { TalkingFrame } from "./talking-frame";
import { firstName, whatRings } from "./words";

type Phone = NonNullable<DeskCallback["phone"]>;

/** It rings on the telephone: nothing is accepted here. */
export function PhoneRingsStage({ current, phone }: { current: DeskCallback; phone: Phone }) {
  const { store } = useFrame();
  const command = useCommand();
  const left = current.accept_by === null ? null : secondsUntil(current.accept_by, useNow());
  const whole = current.accept_by === null ? null : (Date.parse(current.accept_by) - Date.parse(current.stage_since)) / 1000;
  const stop = (): void => void command.run(() => store.hangUp(current.attempt));
  useShortcuts({ "Shift+X": stop });
  const yours = current.stage === "ringing_you";
  useEffect(() => announceNow(yours ? `Your telephone rings for ${current.customer.name}` : "The customer’s telephone rings"), [current.stage]);
  const how = phone.accept_key === null ? "Pick up to take it." : `Pick up and press ${phone.accept_key} to take it.`;
  return (
    <section class="card stage-card ringing" aria-labelledby="phone-rings-title">
      <div class="ringing-head">
        <CountdownRing share={left === null || !whole ? null : left / whole} value={left === null ? "–" : `${left} s`} caption={yours ? "to accept" : "ringing"} />
        <div>
          <p class="second">{yours ? "Your telephone rings" : `${whatRings(current.customer)} rings`}</p>
          <h1 id="phone-rings-title">{current.customer.name}</h1>
          <p class="topic">{current.topic ?? "No topic given"}</p>
        </div>
      </div>
      <p class="second">{yours ? how : `You hear ${firstName(current.customer.name)} on answering.`}</p>
      <div class="row">
        <button type="button" class="button outlined" aria-disabled={command.busy} onClick={stop} {...useKeyName("Shift+X")}>
          <Icon name="phoneDown" size={16} />
          {yours ? "Not now" : "Stop ringing"}
          <Key of="Shift X" />
        </button>
      </div>
      <ProblemLine problem={command.problem} />
      <hr />
      <CallbackFacts current={current} />
    </section>
  );
}

export function PhoneTalkingStage({ current, phone, notes }: { current: DeskCallback; phone: Phone; notes: Notes }) {
  const { store } = useFrame();
  const command = useCommand();
  const change = (what: "hold" | "mute" | "recording", on: boolean): void => void command.run(() => store.changeTalk(current.attempt, what, on));
  const off = command.busy;
  return (
    <TalkingFrame
      current={current}
      notes={notes}
      since={current.stage_since}
      mute={{ on: phone.muted, label: phone.muted ? "Unmute" : "Mute", off, press: () => change("mute", !phone.muted) }}
      hold={{ on: phone.held, label: phone.held ? "Take off hold" : "Hold", off, press: () => change("hold", !phone.held) }}
      hangUp={{ off, press: () => void command.run(() => store.hangUp(current.attempt)) }}
      command={command}
      sound={talkLine(phone, firstName(current.customer.name))}
      acts={
        <>
          {phone.recording !== null && (
            <button type="button" class="button outlined" aria-pressed={!phone.recording} aria-disabled={off} onClick={() => change("recording", !phone.recording)}>
              {phone.recording ? "Pause recording" : "Go on recording"}
            </button>
          )}
          {/* Without a word before: the next telephone rings at once, and the customer hears music. */}
          <HandOver about={current.attempt} read={() => store.transferTargets()} onChoose={(to) => void command.run(() => store.transfer(current.attempt, to))} />
        </>
      }
    />
  );
}

function talkLine(phone: Phone, first: string): string {
  const said = [phone.held ? `On hold. ${first} hears music.` : phone.muted ? `You are muted. ${first} does not hear you.` : "You talk on your telephone."];
  if (phone.recording !== null) said.push(phone.recording ? "The call is recorded." : "The recording is paused.");
  return said.join(" ");
}
