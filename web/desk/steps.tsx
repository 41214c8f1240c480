/** Where the callback stands: four steps, the present one marked by word, fill and for screen readers. */
import type { DeskCallback } from "../shared/contract";
import { Icon } from "../shared/icons";

const STEPS: readonly { stage: DeskCallback["stage"]; word: string }[] = [
  { stage: "ringing_you", word: "You accept" },
  { stage: "customer_rings", word: "Customer rings" },
  { stage: "talking", word: "Talking" },
  { stage: "wrap_up", word: "Wrap-up" },
];

export function Steps({ stage }: { stage: DeskCallback["stage"] }) {
  const present = STEPS.findIndex((step) => step.stage === stage);
  return (
    <ol class="steps" aria-label="Progress of this callback">
      {STEPS.map(({ stage: name, word }, index) => (
        <li key={name} class={index < present ? "past" : index === present ? "present" : "ahead"} aria-current={index === present ? "step" : undefined}>
          <span class="step-mark">{index < present && <Icon name="check" size={14} />}</span>
          {word}
          {index < present && <span class="visually-hidden">, done</span>}
        </li>
      ))}
    </ol>
  );
}
