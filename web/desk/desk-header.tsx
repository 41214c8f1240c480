/** The desk's bar: whose desk, is the microphone ready, is the page live, what state; and the agent's own settings. */
import { useEffect, useState } from "preact/hooks";
import { AgentStateChip } from "../shared/agent-state";
import type { DeskView } from "../shared/contract";
import { Icon } from "../shared/icons";
import type { LiveState } from "../shared/live";
import { Menu, MenuItem, MenuToggle } from "../shared/menu";
import { logOut } from "../shared/session";
import { useFrame } from "./frame";

export interface DeskSettings {
  sound: boolean;
  shortcuts: boolean;
  change: (settings: Partial<Pick<DeskSettings, "sound" | "shortcuts">>) => void;
}

interface DeskHeaderProps {
  view: DeskView | null;
  link: LiveState;
  settings: DeskSettings;
}

export function DeskHeader({ view, link, settings }: DeskHeaderProps) {
  const { me, store } = useFrame();
  return (
    <header class="desk-header">
      <span class="brand">
        <span aria-hidden="true">
          <Icon name="back" size={18} />
        </span>
        Ringback
      </span>
      <span class="second divided truncated">{me.business.name}</span>
      {view !== null && <span class="second divided truncated queues">{view.agent.queues.join(", ")}</span>}
      <span class="push" />
      <MicrophoneReady />
      <LinkState link={link} />
      {view !== null && <AgentStateChip state={view.state.name} />}
      <Menu buttonClass="avatar as-button" name={`${me.name}: settings and log out`} label={<span aria-hidden="true">{me.name.charAt(0)}</span>}>
        {(close) => (
          <>
            <MenuToggle label="Sound when a callback rings" on={settings.sound} onChange={(sound) => settings.change({ sound })} />
            <MenuToggle label="Single-key shortcuts" on={settings.shortcuts} onChange={(shortcuts) => settings.change({ shortcuts })} />
            <hr />
            <MenuItem onChoose={() => (close(), void logOut(store.client))}>Log out</MenuItem>
          </>
        )}
      </Menu>
    </header>
  );
}

function LinkState({ link }: { link: LiveState }) {
  const lost = link === "reconnecting" || link === "stopped";
  return (
    <span class={lost ? "with-icon warn-text divided" : "with-icon second divided"} role="status">
      <Icon name={lost ? "wifiOff" : link === "connecting" ? "clock" : "check"} size={16} />
      {lost ? "Reconnecting" : link === "connecting" ? "Connecting" : link === "polling" ? "Live, every 2 s" : "Live"}
    </span>
  );
}

/** What the browser would say about the microphone when a call is accepted. */
function MicrophoneReady() {
  const [state, setState] = useState<PermissionState | null>(null);
  useEffect(() => {
    let status: PermissionStatus | undefined;
    const changed = (): void => setState(status?.state ?? null);
    navigator.permissions
      ?.query({ name: "microphone" as PermissionName })
      .then((found) => {
        status = found;
        found.addEventListener("change", changed);
        changed();
      })
      .catch(() => undefined); // a browser that does not tell: it asks when the call is accepted
    return () => status?.removeEventListener("change", changed);
  }, []);
  if (state === null) return null;
  const words = { granted: "Microphone ready", prompt: "Microphone: asked on accept", denied: "Microphone not allowed" }[state];
  return (
    <span class={state === "denied" ? "with-icon bad-text microphone" : "with-icon second microphone"}>
      <Icon name="headset" size={16} />
      {words}
    </span>
  );
}
