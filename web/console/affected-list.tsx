/** Who is affected, before it happens: names, what they were promised, what becomes of it. */
import type { Affected } from "./commands";

const SHOWN = 8;

export function AffectedList({ affected, summaries }: { affected: Affected[]; summaries: string[] }) {
  const more = affected.length - SHOWN;
  const touched = affected.filter((one) => one.changes !== false).length;
  return (
    <div class="affected" role="status">
      <h3>{touched > 0 ? `Who is affected: ${touched}` : summaries.length > 0 ? "What it does" : "Nobody is affected"}</h3>
      {summaries.map((summary) => (
        <p key={summary}>{summary}</p>
      ))}
      <ul>
        {affected.slice(0, SHOWN).map((one) => (
          <li key={one.callback} class={one.changes === false ? "second" : undefined}>
            <b>{one.customer}</b> <span class="second">{one.promise}</span>
            <span class="dense">{one.effect}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="dense second">and {more} more</p>}
    </div>
  );
}
