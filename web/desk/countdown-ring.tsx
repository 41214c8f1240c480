/** A ring that empties (or fills) once a second around the number people act on. */
interface CountdownRingProps {
  share: number | null; // 0–1 of the ring drawn; null: no known end, an empty ring
  value: string;
  caption: string;
  urgent?: boolean;
}

const RADIUS = 50;
const LENGTH = 2 * Math.PI * RADIUS;

export function CountdownRing({ share, value, caption, urgent = false }: CountdownRingProps) {
  return (
    <div class={urgent ? "countdown urgent" : "countdown"} role="timer" aria-live="off" aria-label={`${value} ${caption}`}>
      <svg viewBox="0 0 108 108" width="108" height="108" aria-hidden="true">
        <circle class="track" cx="54" cy="54" r={RADIUS} />
        {share !== null && (
          <circle class="bar" cx="54" cy="54" r={RADIUS} stroke-dasharray={LENGTH} stroke-dashoffset={LENGTH * (1 - Math.min(1, Math.max(0, share)))} />
        )}
      </svg>
      <span class="countdown-words" aria-hidden="true">
        <b>{value}</b>
        <span class="caption">{caption}</span>
      </span>
    </div>
  );
}
