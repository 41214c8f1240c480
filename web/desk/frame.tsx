/** What every part of the desk may ask for, handed down once. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Me } from "../shared/contract";
import { clock } from "../shared/time";
import type { DeskStore } from "./store";

export interface Frame {
  store: DeskStore;
  me: Me;
  zone: string;
  at: (instant: string) => string; // clock time in the business's zone
}

export const FrameContext = createContext<Frame | null>(null);

export function makeFrame(store: DeskStore, me: Me): Frame {
  const { zone } = me.business;
  return { store, me, zone, at: (instant) => clock(instant, zone) };
}

export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (frame === null) throw new Error("no frame around this part of the desk");
  return frame;
}
