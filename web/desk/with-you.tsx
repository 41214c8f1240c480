/** Who the agent talks with at the contact centre outside, when that person waits for a callback: the call at hand is about it. */
import type { WithYou } from "../shared/contract";
import { useFrame } from "./frame";

export function WithYouCard({ withYou }: { withYou: WithYou }) {
  const { at } = useFrame();
  return (
    <section class="with-you" aria-label={`${withYou.customer} is on the line with you`}>
      <p class="caption">On the line with you since {at(withYou.since)} · waits for a callback</p>
      <h2>{withYou.customer}</h2>
      <dl class="facts">
        <dt>About</dt>
        <dd>{withYou.topic ?? "not said"}</dd>
        <dt>Promised</dt>
        <dd>{withYou.promised}</dd>
        <dt>Queue</dt>
        <dd>{withYou.queue}</dd>
      </dl>
    </section>
  );
}
