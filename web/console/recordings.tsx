/** What was recorded of a callback's talks. Listening is written into the audit, so the sound is fetched only when somebody presses the button. */
import { useEffect, useState } from "preact/hooks";
import type { RecordingItem } from "../shared/contract";
import { timer } from "../shared/time";
import { useFrame } from "./frame";

export function Recordings({ callback, changed }: { callback: string; changed: string }) {
  const { store, at } = useFrame();
  const [found, setFound] = useState<RecordingItem[]>([]);
  useEffect(() => {
    let wanted = true;
    store.recordings(callback).then(
      (items) => wanted && setFound(items),
      () => wanted && setFound([]), // who may not listen is shown none
    );
    return () => {
      wanted = false;
    };
  }, [callback, changed]);
  if (found.length === 0) return null;
  return (
    <section>
      <h2>Recordings</h2>
      <ul>
        {found.map((each) => (
          <li key={each.id}>
            <div>
              <time dateTime={each.began_at}>{at(each.began_at)}</time> {lengthOf(each)}
              {each.state === "stored" && <Player recording={each} />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function lengthOf(recording: RecordingItem): string {
  if (recording.state === "expected") return "The talk is being recorded, or its recording is being fetched.";
  if (recording.state === "missing") return "Nothing was recorded.";
  return recording.seconds === null ? "Recorded" : `Recorded, ${timer(Math.round(recording.seconds))}`;
}

function Player({ recording }: { recording: RecordingItem }) {
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState(false);
  if (asked && !failed) {
    return <audio controls autoplay src={`/api/v1/recordings/${recording.id}/sound`} onError={() => setFailed(true)} aria-label="Recording of the call" />;
  }
  return (
    <>
      <button type="button" class="button outlined small" onClick={() => (setFailed(false), setAsked(true))}>
        Listen
      </button>
      <span class="second dense"> {failed ? "It could not be played. Try again." : "Each listening is written into the audit."}</span>
    </>
  );
}
