/** What went wrong, beside the thing that went wrong: what failed, and what can be done instead. */
import type { Problem } from "./contract";
import { Icon } from "./icons";

export function ProblemLine({ problem, id }: { problem: Problem | null; id?: string }) {
  return (
    <div role="alert" id={id}>
      {problem !== null && (
        <p class="error">
          <Icon name="triangle" size={16} />
          <span>
            {problem.detail || problem.title}
            {problem.next && ` ${problem.next}`}
          </span>
        </p>
      )}
    </div>
  );
}
