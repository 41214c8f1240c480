/** A call on this page: it rings, connects, talks, or is held by another tab. */
import { useEffect, useState } from "preact/hooks";

import type { CallView } from "../shared/contract";
import { DrawnIcon } from "../shared/icon";
import * as icons from "../shared/icon-paths";
import { timer } from "../shared/time";
import { Steps } from "./callback-card";
import type { Chat } from "./chat";
import { SoundPanel } from "./sound-panel";
import { words } from "./words";

interface Props {
  chat: Chat;
  view: CallView;
}

export function CallCard({ chat, view }: Props) {
  if (view.state === "ringing") {
    return (
      <section tabIndex={-1} class="card live" aria-label={words.callingYou(view.peer_name)}>
        <RingingCard chat={chat} view={view} steps />
      </section>
    );
  }
  return chat.call.mine ? <TalkCard chat={chat} view={view} /> : <ElsewhereCard chat={chat} view={view} />;
}

export function RingingCard({ chat, view, steps = false, onAnswered }: Props & { steps?: boolean; onAnswered?: () => void }) {
  const { call } = chat;
  return (
    <>
      <h3 class="card-head info">
        <DrawnIcon d={icons.bell} />
        <span>{words.callingYou(view.peer_name)}</span>
      </h3>
      <div class="body ringing">
        <span class="face" aria-hidden="true">
          {view.peer_name.slice(0, 1)}
        </span>
        <p class="peer">{[view.peer_name, view.peer_detail].filter(Boolean).join(" · ")}</p>
        {view.about && <p class="about">{words.aboutTopic(view.about)}</p>}
        {steps && <Steps step={2} />}
        <div class="rounds">
          <Round icon={icons.cross} label={words.notNow} disabled={call.busy} onPress={() => void call.decline()} />
          <Round
            icon={icons.phone}
            label={call.busy ? words.answering : words.answer}
            look="filled"
            disabled={call.busy}
            onPress={() => void call.accept().then((accepted) => accepted && onAnswered?.())}
          />
        </div>
        {call.problem ? <Trouble text={call.problem} /> : <p class="foot">{words.usesMicrophone}</p>}
      </div>
    </>
  );
}

function TalkCard({ chat, view }: Props) {
  const { call } = chat;
  const [settings, setSettings] = useState(false);
  const seconds = useSeconds(view.joined_at, chat.skew);
  const held = view.state === "held";
  const joined = view.state !== "accepted";
  const title = held ? words.onHold(view.peer_name) : joined ? words.talkingTo(view.peer_name) : words.waitingFor(view.peer_name);
  const line = call.muted ? words.mutedLine : held ? "" : soundLine(call.sound);
  return (
    <section tabIndex={-1} class="card live pinned" aria-label={title}>
      <h3 class={`card-head ${joined ? "ok" : "info"}`}>
        <DrawnIcon d={icons.phone} />
        <span>{title}</span>
        {view.joined_at && (
          <span class="time" role="timer" aria-live="off">
            {timer(seconds)}
          </span>
        )}
      </h3>
      <div class="body">
        <div class="talking-to">
          <span class="avatar" aria-hidden="true">
            {view.peer_name.slice(0, 1)}
          </span>
          <div>
            <b>{[view.peer_name, view.peer_detail].filter(Boolean).join(" · ")}</b>
            <p role="status">{line}</p>
          </div>
          <Bars read={() => (held ? 0 : call.level)} />
        </div>
        {call.needsTap && (
          <button class="primary" onClick={() => void call.play()}>
            {words.soundTap}
          </button>
        )}
        {call.problem && <Trouble text={call.problem} />}
        <div class="rounds">
          <Round
            icon={call.muted ? icons.microphoneOff : icons.microphone}
            label={held ? words.muteHeld : call.muted ? words.unmute : words.mute}
            pressed={call.muted}
            disabled={held}
            onPress={() => call.setMuted(!call.muted)}
          />
          <Round icon={icons.headset} label={words.sound} expanded={settings} onPress={() => setSettings(!settings)} />
          <Round icon={icons.phone} label={words.hangUp} look="hang-up" onPress={() => void call.hangUp()} />
        </div>
        {settings && <SoundPanel call={call} />}
      </div>
    </section>
  );
}

function ElsewhereCard({ chat, view }: Props) {
  const coming = chat.reclaiming;
  return (
    <section tabIndex={-1} class="card live" aria-label={words.talkingTo(view.peer_name)}>
      <h3 class="card-head ok">
        <DrawnIcon d={icons.phone} />
        <span>{words.talkingTo(view.peer_name)}</span>
      </h3>
      <div class="body">
        <p role="status">{coming ? words.takingOver : chat.answeredElsewhere ? words.elsewhere : words.soundPaused}</p>
        {chat.call.problem && <Trouble text={chat.call.problem} />}
        {!coming && (
          <button class="outlined" aria-disabled={chat.call.busy} onClick={() => void chat.call.take()}>
            {words.takeOver}
          </button>
        )}
      </div>
    </section>
  );
}

function soundLine(sound: string): string {
  const lines: Record<string, string> = { connected: words.soundGood, interrupted: words.soundPaused, lost: words.soundLost };
  return lines[sound] ?? words.connectingSound;
}

interface RoundProps {
  icon: string;
  label: string;
  look?: string;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  onPress: () => void;
}

function Round({ icon, label, look = "", disabled = false, pressed, expanded, onPress }: RoundProps) {
  return (
    <button class={`round ${look}`} aria-disabled={disabled} aria-pressed={pressed} aria-expanded={expanded} onClick={() => !disabled && onPress()}>
      <i>
        <DrawnIcon d={icon} size={22} />
      </i>
      <span>{label}</span>
    </button>
  );
}

function Trouble({ text }: { text: string }) {
  return (
    <p class="error" role="alert">
      <DrawnIcon d={icons.triangle} size={16} />
      {text}
    </p>
  );
}

/** Nine bars that follow the other side's voice. */
function Bars({ read }: { read: () => number }) {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    const ticking = setInterval(() => setLevel(Math.round(read() * 9)), 200);
    return () => clearInterval(ticking);
  }, []);
  return (
    <span class="bars" aria-hidden="true">
      {Array.from({ length: 9 }, (_, index) => (
        <i key={index} class={index < level ? "on" : ""} />
      ))}
    </span>
  );
}

/** Seconds since an instant of the server's clock, each second. */
export function useSeconds(since: string | null, skew = 0): number {
  const read = () => (since ? (Date.now() + skew - Date.parse(since)) / 1000 : 0);
  const [seconds, setSeconds] = useState(read);
  useEffect(() => {
    setSeconds(read());
    if (!since) return undefined;
    const ticking = setInterval(() => setSeconds(read()), 1_000);
    return () => clearInterval(ticking);
  }, [since, skew]);
  return seconds;
}
