/** Agents by state: how many, and what the first ones do. */
import { AGENT_STATES } from "../shared/agent-state";
import type { AgentStateName, ConsoleAgent } from "../shared/contract";
import { Icon } from "../shared/icons";

const ORDER: readonly AgentStateName[] = ["available", "reserved", "in_chats", "held", "on_a_call", "wrap_up", "paused", "not_responding", "offline"];
const NAMED = 3;
/** Nobody is called while their agent is away: the estimate and the chat count the same people. */
const AWAY: ReadonlySet<AgentStateName> = new Set(["offline", "paused", "not_responding"]);

export function AgentsCard({ agents }: { agents: ConsoleAgent[] }) {
  const onDuty = agents.filter((agent) => !AWAY.has(agent.state)).length;
  const groups = ORDER.map((state) => ({ state, of: agents.filter((agent) => agent.state === state) })).filter(({ of }) => of.length > 0);
  return (
    <section class="card agents" aria-labelledby="agents-title">
      <h2 id="agents-title">Agents: {onDuty} on duty</h2>
      {groups.length === 0 && <p class="second dense">No agent is in these queues.</p>}
      <ul>
        {groups.map(({ state, of }) => (
          <li key={state}>
            <span class={`tone-${AGENT_STATES[state].tone}`}>
              <Icon name={AGENT_STATES[state].icon} size={18} />
            </span>
            <span>
              {AGENT_STATES[state].word}
              <span class="caption">{linesOf(of)}</span>
            </span>
            <b>{of.length}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

function linesOf(agents: ConsoleAgent[]): string {
  const named = agents.slice(0, NAMED).map(lineOf);
  const more = agents.length - named.length;
  return named.join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** "Kim for Dana" says who already; "break, 8 min" gets the name before it. */
function lineOf(agent: ConsoleAgent): string {
  const first = agent.name.split(" ")[0] ?? agent.name;
  if (agent.line === "") return agent.name;
  return agent.line.startsWith(first) ? agent.line : `${first}, ${agent.line}`;
}
