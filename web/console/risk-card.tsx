/** Promises that will probably be missed, and those of which nobody knows whether the phone rang: each with why and what to do. */
import type { ConsoleView } from "../shared/contract";
import { Icon } from "../shared/icons";
import { Chance } from "./chance";
import type { Asked } from "./act-dialog";

interface RiskCardProps {
  view: ConsoleView;
  onAct: (asked: Asked) => void;
  onOpen: (callback: string) => void;
}

const FIRST_ACTION = { at_risk: "reassign", stopped: "offer_move", short: "offer_move", unknown: null } as const;
const ACTION_WORDS = { reassign: "Reassign", offer_move: "Offer a move" } as const;

export function RiskCard({ view, onAct, onOpen }: RiskCardProps) {
  const unknown = view.risks.filter((risk) => risk.kind === "unknown").length;
  const atRisk = view.risks.length - unknown;
  return (
    <section class="card risks" aria-labelledby="risk-title">
      <div class="card-title">
        <h2 id="risk-title" class="with-icon">
          <span class={atRisk > 0 ? "bad-text" : unknown > 0 ? "warn-text" : "ok-text"}>
            <Icon name={atRisk + unknown > 0 ? "triangle" : "check"} size={18} />
          </span>
          {riskWords(atRisk, unknown)}
        </h2>
        <span class="caption">at risk: under 50 %</span>
      </div>
      <ul>
        {view.risks.map((risk) => {
          const action = view.can_act ? FIRST_ACTION[risk.kind] : null;
          return (
            <li key={`${risk.callback} ${risk.kind}`}>
              <span class="risk-when">{risk.when}</span>
              <div class="risk-what">
                <p>
                  <b>{risk.customer}</b>{" "}
                  {risk.kind === "unknown" ? (
                    <span class="chip warn">
                      <Icon name="info" size={14} />
                      not known if it rang
                    </span>
                  ) : (
                    <Chance chance={risk.chance} />
                  )}
                </p>
                <p class="dense second">{risk.why}</p>
              </div>
              <div class="risk-acts">
                {action !== null && (
                  <button
                    type="button"
                    class="button outlined small"
                    aria-label={`${ACTION_WORDS[action]} ${risk.customer}`}
                    onClick={() => onAct({ action, callbacks: [{ id: risk.callback, customer: risk.customer }] })}
                  >
                    {ACTION_WORDS[action]}
                  </button>
                )}
                <button type="button" class="button small" aria-label={`Open ${risk.customer}`} onClick={() => onOpen(risk.callback)}>
                  Open
                </button>
              </div>
            </li>
          );
        })}
      </ul>
      {view.risks.length === 0 && <p class="second dense">Every open promise will probably be kept.</p>}
    </section>
  );
}

/** "2 promises at risk, 1 not known" */
export function riskWords(atRisk: number, unknown: number): string {
  if (atRisk + unknown === 0) return "No promise at risk";
  const risk = atRisk === 0 ? "No promise at risk" : `${atRisk} ${atRisk === 1 ? "promise" : "promises"} at risk`;
  return unknown === 0 ? risk : `${risk}, ${unknown} not known`;
}
