/** A callback rings this agent: seconds to accept, who and why, accept or decline with a reason. */
import { useEffect, useRef, useState } from "preact/hooks";
import { announceNow } from "../shared/announcer";
import type { Call } from "../shared/call";
import type { DeskCallback, DeskView } from "../shared/contract";
import { Icon } from "../shared/icons";
import { Key, useKeyName, useShortcuts, type Bindings } from "../shared/shortcuts";
import { secondsUntil, useNow } from "../shared/ticking";
import { CountdownRing } from "./countdown-ring";
import { CallbackFacts } from "./facts";
import { useFrame } from "./frame";
import { firstName, whatRings } from "./words";

interface RingingStageProps {
  view: DeskView;
  current: DeskCallback;
  call: Call;
}

const ALARMS = [10, 5];

export function RingingStage({ view, current, call }: RingingStageProps) {
  const { store } = useFrame();
  const now = useNow();
  const left = current.accept_by === null ? null : secondsUntil(current.accept_by, now);
  const whole = current.accept_by === null ? null : (Date.parse(current.accept_by) - Date.parse(current.stage_since)) / 1000;
  const { whenThere, waits } = useLegOf(call);
  const accept = (): void => whenThere(() => void call.accept());
  const decline = (reason: string): void => {
    store.declined = current.attempt;
    whenThere(() => void call.decline(reason));
  };
  const reasons = view.decline_reasons.slice(0, 9);

  useAnnouncements(current, left);
  const bindings: Bindings = { a: accept };
  reasons.forEach((reason, index) => {
    bindings[String(index + 1)] = () => decline(reason);
  });
  useShortcuts(bindings);

  return (
    <section class="card stage-card ringing" aria-labelledby="ringing-title">
      <div class="ringing-head">
        <CountdownRing
          share={left === null || !whole ? null : left / whole}
          value={left === null ? "–" : `${left} s`}
          caption="to accept"
          urgent={left !== null && left <= 5}
        />
        <div>
          <p class="second">Callback for you</p>
          <h1 id="ringing-title">{current.customer.name}</h1>
          <p class="topic">{current.topic ?? "No topic given"}</p>
        </div>
      </div>
      <hr />
      <CallbackFacts current={current} />
      <div class="row">
        <button type="button" class="button filled large accept" aria-disabled={call.busy || waits} onClick={accept} {...useKeyName("A")}>
          <Icon name="phone" />
          Accept
          <Key of="A" />
        </button>
        <span class="second dense">{call.busy || waits ? "One moment…" : `Accepting rings ${whatRings(current.customer)}.`}</span>
      </div>
      <CallProblem call={call} />
      <hr />
      <h2 class="label" id="decline-title">
        Decline, because
      </h2>
      <div class="row" role="group" aria-labelledby="decline-title">
        {reasons.map((reason, index) => (
          <DeclineButton key={reason} reason={reason} place={index + 1} onDecline={decline} />
        ))}
      </div>
      <p class="second dense">
        Declining costs {firstName(current.customer.name)} nothing: the next agent is asked at once. No answer in time sets you to “Not
        responding”.
      </p>
    </section>
  );
}

/** The callback may be shown a moment before its leg: what the agent presses then is done when the leg is there. */
function useLegOf(call: Call): { whenThere: (act: () => void) => void; waits: boolean } {
  const [wanted, setWanted] = useState<(() => void) | null>(null);
  const there = call.view?.state === "ringing";
  useEffect(() => {
    if (!there || wanted === null) return;
    setWanted(null);
    wanted();
  }, [there, wanted]);
  return { whenThere: (act) => (there ? act() : setWanted(() => act)), waits: wanted !== null };
}

function DeclineButton({ reason, place, onDecline }: { reason: string; place: number; onDecline: (reason: string) => void }) {
  return (
    <button type="button" class="button" onClick={() => onDecline(reason)} {...useKeyName(String(place))}>
      {reason}
      <Key of={String(place)} />
    </button>
  );
}

/** Said once when it rings, then at 10 and at 5 seconds; never each second. */
function useAnnouncements(current: DeskCallback, left: number | null): void {
  const said = useRef<string | null>(null);
  useEffect(() => {
    if (said.current !== current.attempt) {
      said.current = current.attempt;
      const parts = [current.customer.name, current.topic, left === null ? null : `${left} seconds to accept`];
      announceNow(`Callback for you: ${parts.filter((part) => part !== null).join(", ")}`);
    } else if (left !== null && ALARMS.includes(left)) {
      announceNow(`${left} seconds to accept`);
    }
  }, [current.attempt, left]);
}

export function CallProblem({ call }: { call: Call }) {
  return (
    <div role="alert">
      {call.problem !== null && (
        <p class="error">
          <Icon name="triangle" size={16} />
          <span>{call.problem}</span>
        </p>
      )}
    </div>
  );
}
