/** The server's time on this page, to the second: corrected by the last view's `now`, so that a wrong clock shows no wrong countdown. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export class ServerClock {
  #ahead = 0; // milliseconds that the server's clock is ahead of this one

  /** Learns from a view that has just arrived. */
  heard(now: string): void {
    this.#ahead = Date.parse(now) - Date.now();
  }

  now(): number {
    return Date.now() + this.#ahead;
  }
}

export const Clock = createContext(new ServerClock());

/** The server's time in milliseconds; the caller is drawn again `every` so many while `active`. */
export function useNow(active = true, every = 1000): number {
  const clock = useContext(Clock);
  const [, tick] = useState(0);
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => tick((count) => count + 1), every);
    return () => clearInterval(timer);
  }, [active, every]);
  return clock.now();
}

/** Whole seconds left until an instant, never below zero. */
export function secondsUntil(instant: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000));
}

/** Whole seconds since an instant, never below zero. */
export function secondsSince(instant: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(instant)) / 1000));
}
