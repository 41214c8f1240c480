/** The chance that a promise is kept: bar, number and, under a half, triangle and weight. For operators only. */
import { Icon } from "../shared/icons";
import { percent } from "./rows";

export function Chance({ chance }: { chance: number | null }) {
  if (chance === null) return <span class="second">–</span>;
  const value = percent(chance);
  const low = value < 50;
  return (
    <span class={low ? "chance low" : "chance"}>
      <svg viewBox="0 0 44 8" width="44" height="8" aria-hidden="true">
        <rect class="frame" x="0.5" y="0.5" width="43" height="7" rx="2" />
        <rect class="fill" x="1" y="1" width={(42 * value) / 100} height="6" rx="1.5" />
      </svg>
      {low && <Icon name="triangle" size={14} label="at risk" />}
      {value} %
    </span>
  );
}
