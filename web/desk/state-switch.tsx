/** Available, pause with a reason, offline; while a call lasts it says what comes after it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useCommand } from "../shared/command";
import type { DeskView } from "../shared/contract";
import { Icon } from "../shared/icons";
import { Menu, MenuItem } from "../shared/menu";
import { ProblemLine } from "../shared/problem-line";
import { Key, useKeyName, useShortcuts } from "../shared/shortcuts";
import { secondsSince, useNow } from "../shared/ticking";
import { useFrame } from "./frame";

type Wanted = "available" | "paused" | "offline";

export function StateSwitch({ view }: { view: DeskView }) {
  const { store, at } = useFrame();
  const command = useCommand();
  const now = useNow();
  const open = useRef<() => void>(() => undefined);
  const busy = view.state.name === "on_a_call" || view.state.name === "wrap_up";
  const then = useThen(busy);
  const present: Wanted | null = busy ? then.wanted : stateOf(view);

  const set = (wanted: Wanted, reason?: string): void => {
    void command.run(() => store.setState(wanted, reason)).then((done) => done && busy && then.set(wanted));
  };
  useShortcuts({ p: busy || view.state.name === "reserved" ? undefined : () => open.current() });

  useEffect(() => command.clear(), [view.state.name]); // what was refused then is about another state

  const minutes = Math.floor(secondsSince(view.state.since, now) / 60);
  return (
    <section class="state-switch" aria-label="Your state">
      <div class="segments">
        <button type="button" class={busy ? "segment then" : "segment"} aria-pressed={present === "available"} onClick={() => set("available")}>
          {!busy && <Icon name="dot" size={16} />}
          {busy ? "Then available" : "Available"}
        </button>
        <Menu
          buttonClass={present === "paused" || present === "offline" ? "segment on" : "segment"}
          keys={useKeyName("P")}
          opener={(act) => {
            open.current = act;
          }}
          label={
            <>
              {!busy && <Icon name={present === "offline" ? "ring" : "pause"} size={16} />}
              {labelOf(present, busy)}
              <Icon name="chevronDown" size={16} />
            </>
          }
        >
          {(close) => (
            <>
              {view.pause_reasons.map((reason, index) => (
                <MenuItem key={reason} {...keyOf(view.pause_reasons, index)} onChoose={() => (close(), set("paused", reason))}>
                  {reason}
                  <ReasonKey reasons={view.pause_reasons} index={index} />
                </MenuItem>
              ))}
              <hr />
              <MenuItem onChoose={() => (close(), set("offline"))}>Go offline</MenuItem>
            </>
          )}
        </Menu>
      </div>
      <p class="caption">
        {busy
          ? "Takes effect when this call is wrapped up"
          : `Since ${at(view.state.since)}, for ${minutes < 1 ? "under a minute" : `${minutes} min`}${view.state.reason === null ? "" : ` · ${view.state.reason}`}`}
      </p>
      <ProblemLine problem={command.problem} />
    </section>
  );
}

function stateOf(view: DeskView): Wanted | null {
  if (view.state.name === "paused") return "paused";
  if (view.state.name === "offline") return "offline";
  return view.state.name === "not_responding" ? null : "available";
}

function labelOf(present: Wanted | null, busy: boolean): string {
  if (busy) return present === "offline" ? "Then offline" : "Then pause";
  return present === "paused" ? "Paused" : present === "offline" ? "Offline" : "Pause";
}

/** What was asked for after this call: the server keeps it too, this page only shows it. */
function useThen(busy: boolean): { wanted: Wanted; set: (wanted: Wanted) => void } {
  const [wanted, setWanted] = useState<Wanted>(() => (sessionStorage.getItem("ringback-then") as Wanted | null) ?? "available");
  const set = (next: Wanted): void => {
    sessionStorage.setItem("ringback-then", next);
    setWanted(next);
  };
  useEffect(() => {
    if (!busy) set("available");
  }, [busy]);
  return { wanted, set };
}

/** The first letter of a reason chooses it in the open menu, where no reason before it begins alike. */
function letterOf(reasons: string[], index: number): string | null {
  const letter = (reason: string): string => reason.charAt(0).toUpperCase();
  const own = letter(reasons[index] ?? "");
  return reasons.findIndex((reason) => letter(reason) === own) === index ? own : null;
}

function keyOf(reasons: string[], index: number): { shortcut?: string } {
  const letter = letterOf(reasons, index);
  return letter === null ? {} : { shortcut: letter };
}

function ReasonKey({ reasons, index }: { reasons: string[]; index: number }) {
  const letter = letterOf(reasons, index);
  return letter === null ? null : <Key of={letter} />;
}
