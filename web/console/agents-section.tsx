/** Every agent of the queues in view: state, since when, and what it is about. */
import { useState } from "preact/hooks";
import { AGENT_STATES, AgentStateChip } from "../shared/agent-state";
import type { ConsoleAgent } from "../shared/contract";
import { secondsSince, useNow } from "../shared/ticking";
import { AwayDialog } from "./away-dialog";
import { useFrame } from "./frame";

interface AgentsSectionProps {
  agents: ConsoleAgent[];
  search: string;
  canAct: boolean;
}

export function AgentsSection({ agents, search, canAct }: AgentsSectionProps) {
  const { at } = useFrame();
  const now = useNow();
  const [onDutyOnly, setOnDutyOnly] = useState(false);
  const [away, setAway] = useState<ConsoleAgent | null>(null);
  const wanted = search.trim().toLowerCase();
  const shown = agents
    .filter((agent) => !(onDutyOnly && agent.state === "offline"))
    .filter((agent) => wanted === "" || `${agent.name} ${agent.line} ${AGENT_STATES[agent.state].word}`.toLowerCase().includes(wanted));
  const sinceWords = (agent: ConsoleAgent): string => `${at(agent.since)}, ${minutesOf(secondsSince(agent.since, now))}`;
  return (
    <section class="card" aria-label="Agents">
      <div class="card-title">
        <h2>
          {shown.length} {shown.length === 1 ? "agent" : "agents"}
        </h2>
        <label class="choice">
          <input type="checkbox" checked={onDutyOnly} onChange={(event) => setOnDutyOnly(event.currentTarget.checked)} />
          On duty only
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="second dense">No agent matches.</p>
      ) : (
        <table class="table agents-table">
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">State</th>
              <th scope="col" class="c-since">
                Since
              </th>
              <th scope="col">What</th>
              {canAct && (
                <th scope="col">
                  <span class="visually-hidden">Acts</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {shown.map((agent) => (
              <tr key={agent.id}>
                <th scope="row" class="strong">
                  {agent.name}
                </th>
                <td>
                  <AgentStateChip state={agent.state} />
                  <span class="since-below second">{sinceWords(agent)}</span>
                </td>
                <td class="c-since second">{sinceWords(agent)}</td>
                <td>{agent.line || "–"}</td>
                {canAct && (
                  <td class="acts">
                    <button type="button" class="button outlined small" aria-label={`${agent.away ? "Back" : "Away"}: ${agent.name}`} onClick={() => setAway(agent)}>
                      {agent.away ? "Back" : "Away"}
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {away !== null && <AwayDialog agent={away} onClose={() => setAway(null)} />}
    </section>
  );
}

function minutesOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "under a minute";
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
