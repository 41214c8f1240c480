/** How the state of an agent is shown wherever it is shown: a word, an icon and a colour, never the colour alone. */
import type { AgentStateName } from "./contract";
import { Icon, type IconName } from "./icons";

interface Look {
  word: string;
  icon: IconName;
  tone: "ok" | "info" | "hold" | "warn" | "bad" | "plain";
}

export const AGENT_STATES: Record<AgentStateName, Look> = {
  available: { word: "Available", icon: "dot", tone: "ok" },
  reserved: { word: "Ringing", icon: "bell", tone: "info" },
  in_chats: { word: "In chats", icon: "bubble", tone: "info" },
  held: { word: "Held", icon: "held", tone: "hold" },
  on_a_call: { word: "On a call", icon: "phone", tone: "info" },
  wrap_up: { word: "Wrap-up", icon: "pencil", tone: "hold" },
  paused: { word: "Paused", icon: "pause", tone: "plain" },
  not_responding: { word: "Not responding", icon: "triangle", tone: "bad" },
  offline: { word: "Offline", icon: "ring", tone: "warn" },
};

export function AgentStateChip({ state }: { state: AgentStateName }) {
  const { word, icon, tone } = AGENT_STATES[state];
  return (
    <span class={`chip ${tone}`}>
      <Icon name={icon} size={16} />
      {word}
    </span>
  );
}
