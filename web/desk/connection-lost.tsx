/** The connection is lost: since when, what goes on, what waits. The call itself runs between the two browsers. */
import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "../shared/icons";
import { useFrame } from "./frame";

interface ConnectionLostProps {
  since: number;
  inCall: boolean;
}

export function ConnectionLost({ since, inCall }: ConnectionLostProps) {
  const { store } = useFrame();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor((Date.now() - since) / 1000);
  return (
    <section class="lost" aria-label="Connection">
      <p class="lost-line">
        <Icon name="wifiOff" size={18} />
        <span>
          <b>
            Connection lost, <span role="timer" aria-live="off">{seconds} s</span>.
          </b>{" "}
          {inCall ? "The call goes on. Notes are kept on this page." : "Nothing new rings here until it is back. Promises held for you go to the next agent."}
        </span>
      </p>
      <div class="lost-what">
        <h2 class="label">What still works</h2>
        <ul class="dense">
          {inCall && <What icon="check" tone="ok-text" words="Talking, mute, notes" />}
          {inCall && <What icon="clock" tone="second" words="Outcome, sent when back" />}
          <What icon="cross" tone="bad-text" words="New callbacks, until back" />
        </ul>
        <button type="button" class="button outlined small" onClick={() => store.retry()}>
          Try now
        </button>
        <p class="caption">It is tried again by itself every few seconds.</p>
      </div>
    </section>
  );
}

function What({ icon, tone, words }: { icon: IconName; tone: string; words: string }) {
  return (
    <li class="with-icon">
      <span class={tone}>
        <Icon name={icon} size={16} />
      </span>
      {words}
    </li>
  );
}
