/** The overview: score, risks, levers, the next hours, the agents, and the first callbacks of each lane. */
import type { ConsoleView } from "../shared/contract";
import { AgentsCard } from "./agents-card";
import { AlertsStrip } from "./alerts-strip";
import { LeversCard } from "./levers-card";
import { RiskCard } from "./risk-card";
import type { Asked } from "./act-dialog";
import { ScoreCard } from "./score-card";
import { StaffingCard } from "./staffing-chart";

interface OverviewProps {
  view: ConsoleView;
  onAct: (asked: Asked) => void;
  onOpen: (callback: string) => void;
}

export function Overview({ view, onAct, onOpen }: OverviewProps) {
  return (
    <div class={view.can_act ? "overview" : "overview watching"}>
      <AlertsStrip view={view} />
      <ScoreCard score={view.score} />
      <RiskCard view={view} onAct={onAct} onOpen={onOpen} />
      {view.can_act && <LeversCard view={view} />}
      <StaffingCard slots={view.staffing} />
      <AgentsCard agents={view.agents} />
    </div>
  );
}
