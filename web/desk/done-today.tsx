/** What the agent has done today, newest first; the promise is a word and a sign, not only a colour. */
import { useState } from "preact/hooks";
import type { DoneCallback } from "../shared/contract";
import { Icon } from "../shared/icons";
import { duration } from "../shared/time";
import { useFrame } from "./frame";

const SHOWN = 5;

export function DoneToday({ done }: { done: DoneCallback[] }) {
  const { at } = useFrame();
  const [all, setAll] = useState(false);
  return (
    <section class="card done" aria-labelledby="done-title">
      <div class="card-head">
        <h2 id="done-title">
          Done today <span class="count">{done.length}</span>
        </h2>
        {done.length > SHOWN && (
          <button type="button" class="button quiet small" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show fewer" : "Show all"}
          </button>
        )}
      </div>
      {done.length === 0 ? (
        <p class="empty">No callback yet today.</p>
      ) : (
        <div class="table-frame" tabIndex={0} role="group" aria-labelledby="done-title">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Customer</th>
                <th scope="col">About</th>
                <th scope="col">Outcome</th>
                <th scope="col">Talk</th>
                <th scope="col">Promise</th>
              </tr>
            </thead>
            <tbody>
              {(all ? done : done.slice(0, SHOWN)).map((one) => (
                <tr key={`${one.callback} ${one.at}`}>
                  <td class="strong">{at(one.at)}</td>
                  <td>{one.customer}</td>
                  <td class="second about" title={one.topic ?? undefined}>
                    {one.topic ?? "–"}
                  </td>
                  <td>{one.outcome}</td>
                  <td>{one.talk === null ? "–" : duration(one.talk)}</td>
                  <td>
                    <span class={one.kept === null ? "with-icon second" : one.kept ? "with-icon ok-text" : "with-icon bad-text"}>
                      {one.kept !== null && <Icon name={one.kept ? "check" : "cross"} size={16} />}
                      {one.promise}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
