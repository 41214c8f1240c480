/** The state of the callback: estimate and promise, where it stands, what can still be changed. */
import type { CallbackCard } from "../shared/contract";
import { DrawnIcon } from "../shared/icon";
import * as icons from "../shared/icon-paths";
import { clock } from "../shared/time";
import type { Chat } from "./chat";
import { words } from "./words";

const LOOKS: Partial<Record<CallbackCard["state"], [icon: string, tone: string]>> = {
  late: [icons.triangle, "warn"],
  unknown: [icons.info, "warn"],
  missed: [icons.phone, "plain"],
  cancelling: [icons.cross, "plain"],
  calling: [icons.bell, "info"],
  talking: [icons.phone, "ok"],
};

export function StateCard({ chat, callback }: { chat: Chat; callback: CallbackCard }) {
  const [icon, tone] = LOOKS[callback.state] ?? [icons.clock, "info"];
  const problem = chat.refusals[""];
  return (
    <>
      <section tabIndex={-1} class="card" aria-label={callback.title}>
        <h3 class={`card-head ${tone}`}>
          <DrawnIcon d={icon} />
          <span>{callback.title}</span>
        </h3>
        <div class="body">
          <div class="headline">
            {callback.lead && <p>{callback.lead}</p>}
            {callback.headline && <strong>{callback.headline}</strong>}
            {callback.promise && <p>{callback.promise}</p>}
          </div>
          <Steps step={callback.step} />
          {callback.lines.length > 0 && (
            <dl class="summary ruled">
              {callback.lines.map((line) => (
                <div key={line.label}>
                  <dt>{line.label}</dt>
                  <dd>{line.value}</dd>
                </div>
              ))}
            </dl>
          )}
          {callback.cannot && <p class="note">{callback.cannot}</p>}
          {callback.calendar && (
            <p class="note">
              <a href={chat.link(callback.calendar)} download="callback.ics">
                {words.addToCalendar}
              </a>
            </p>
          )}
          {problem && (
            <p class="error" role="alert">
              <DrawnIcon d={icons.triangle} size={16} />
              {[problem.detail || problem.title, problem.next].filter(Boolean).join(" ")}
            </p>
          )}
        </div>
        {(callback.can_move || callback.can_cancel) && (
          <div class="actions">
            {callback.can_move && <Action chat={chat} what="move" icon={icons.calendar} label={words.move} />}
            {callback.can_cancel && <Action chat={chat} what="cancel" icon={icons.cross} label={words.cancel} />}
          </div>
        )}
      </section>
      <p class="meta">{chat.stale ? words.stale : words.updated(clock(callback.updated_at))}</p>
    </>
  );
}

function Action({ chat, what, icon, label }: { chat: Chat; what: "move" | "cancel"; icon: string; label: string }) {
  const sending = chat.isSending(`callback:${what}`);
  return (
    <button class={what === "cancel" ? "danger" : ""} aria-disabled={sending} onClick={() => !sending && chat.changeCallback(what)}>
      <DrawnIcon d={icon} size={18} />
      {sending ? words.sending : label}
    </button>
  );
}

/** The callback while something else is live: one line. */
export function CallbackLine({ callback }: { callback: CallbackCard }) {
  return (
    <p class="line">
      <DrawnIcon d={(LOOKS[callback.state] ?? [icons.clock])[0]} size={16} />
      <span>{[callback.title, callback.promise].filter(Boolean).join(" · ")}</span>
    </p>
  );
}

export function Steps({ step }: { step: number }) {
  return (
    <ol class="steps" aria-label={words.progress}>
      {words.steps.map((name, index) => (
        <li key={name} class={index < step ? "past" : index === step ? "now" : ""} aria-current={index === step ? "step" : undefined}>
          <i>{index < step && <DrawnIcon d={icons.check} size={14} />}</i>
          <span>{name}</span>
        </li>
      ))}
    </ol>
  );
}
