/** The agent has accepted and the customer's device rings; or another tab of the same agent holds the call. */
import { useEffect } from "preact/hooks";
import { announce } from "../shared/announcer";
import type { Call } from "../shared/call";
import type { DeskCallback } from "../shared/contract";
import { Icon } from "../shared/icons";
import { Key, useKeyName, useShortcuts } from "../shared/shortcuts";
import { secondsSince, useNow } from "../shared/ticking";
import { CountdownRing } from "./countdown-ring";
import { CallbackFacts } from "./facts";
import { useFrame } from "./frame";
import { CallProblem } from "./stage-ringing";
import { atStart, firstName, whatRings } from "./words";

export function CustomerRingsStage({ current, call }: { current: DeskCallback; call: Call }) {
  const rung = secondsSince(current.stage_since, useNow());
  // In this stage accept_by is the end of the customer's ringing, when the server says it.
  const whole = current.accept_by === null ? null : Math.round((Date.parse(current.accept_by) - Date.parse(current.stage_since)) / 1000);
  const rings = `${atStart(whatRings(current.customer))} rings`;
  const stop = (): void => void call.hangUp();
  useShortcuts({ "Shift+X": stop });
  useEffect(() => announce(rings), [rings]);
  return (
    <section class="card stage-card" aria-labelledby="rings-title">
      <div class="ringing-head">
        <CountdownRing share={whole === null || whole <= 0 ? null : rung / whole} value={`${rung} s`} caption={whole === null ? "ringing" : `of ${whole} s`} />
        <div>
          <h1 id="rings-title">
            {rings}, {rung} s
          </h1>
          <p class="second">You hear {firstName(current.customer.name)} on answering.</p>
          <div class="row">
            <button type="button" class="button outlined" aria-disabled={call.busy} onClick={stop} {...useKeyName("Shift+X")}>
              <Icon name="phoneDown" size={16} />
              Stop ringing
              <Key of="Shift X" />
            </button>
            <Rang current={current} />
          </div>
          <CallProblem call={call} />
        </div>
      </div>
      <hr />
      <CallbackFacts current={current} />
    </section>
  );
}

/** Its first ring is what the promise is measured by. */
function Rang({ current }: { current: DeskCallback }) {
  const { at } = useFrame();
  const inTime = Date.parse(current.stage_since) <= Date.parse(current.window_end);
  return (
    <span class={inTime ? "chip ok" : "chip bad"}>
      <Icon name={inTime ? "check" : "triangle"} size={16} />
      Rang {at(current.stage_since)}, {inTime ? "in time" : "late"}
    </span>
  );
}

/** Two tabs accept by compare-and-set: this one lost, or was reloaded and the browser did not give the call back by itself. */
export function ElsewhereStage({ current, call }: { current: DeskCallback; call: Call }) {
  return (
    <section class="card stage-card" aria-labelledby="elsewhere-title">
      <h1 id="elsewhere-title">{call.busy ? "Taking the call to this page" : "Answered on another page"}</h1>
      <p class="second">
        {call.busy
          ? `The call with ${current.customer.name} goes on. Its sound comes back here in a moment.`
          : `The call with ${current.customer.name} is on another tab or window of yours. Nothing plays here, and this page’s microphone is closed.`}
      </p>
      <div class="row">
        <button type="button" class="button outlined" aria-disabled={call.busy} onClick={() => void call.take()}>
          <Icon name="headset" size={16} />
          Continue it here
        </button>
      </div>
      <CallProblem call={call} />
      <hr />
      <CallbackFacts current={current} />
    </section>
  );
}
