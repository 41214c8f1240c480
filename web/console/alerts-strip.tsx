/** What stands over the overview while it lasts: incidents, queues that close early, and what needs a person. */
import type { ConsoleView } from "../shared/contract";
import { Icon } from "../shared/icons";
import { useFrame } from "./frame";

export function AlertsStrip({ view }: { view: ConsoleView }) {
  const { at } = useFrame();
  const incidents = view.queues.filter((queue) => queue.incident !== null);
  const shut = view.queues.filter((queue) => queue.shut_line !== null);
  if (incidents.length + shut.length + view.alerts.length === 0) return null;
  return (
    <section class="card alerts" aria-label="Alerts">
      <ul>
        {incidents.map((queue) => (
          <li key={queue.slug}>
            <span class="warn-text">
              <Icon name="info" size={18} />
            </span>
            <span>
              <b>{queue.name}: incident.</b> Instead of offers, customers read “{queue.incident}”
            </span>
          </li>
        ))}
        {shut.map((queue) => (
          <li key={`${queue.slug} shut`}>
            <span class="warn-text">
              <Icon name="clock" size={18} />
            </span>
            <span>
              <b>{queue.name}.</b> {queue.shut_line}
            </span>
          </li>
        ))}
        {view.alerts.map((alert) => (
          <li key={alert.id}>
            <span class="bad-text">
              <Icon name="triangle" size={18} />
            </span>
            <span>
              {alert.verdict}. <span class="second">since {at(alert.raised_at)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
