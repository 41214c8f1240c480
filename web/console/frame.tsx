/** What every part of the console may ask for, handed down once. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ConsoleView, Me } from "../shared/contract";
import type { Commands } from "./commands";
import type { ConsoleStore } from "./store";

export interface Frame {
  store: ConsoleStore;
  commands: Commands;
  me: Me;
  zone: string;
  at: (instant: string) => string; // clock time in the business's zone
}

export const FrameContext = createContext<Frame | null>(null);

export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (frame === null) throw new Error("no frame around this part of the console");
  return frame;
}

/** A queue's name; its slug where it is not in the view. */
export function queueName(view: ConsoleView, slug: string): string {
  return view.queues.find((queue) => queue.slug === slug)?.name ?? slug;
}
