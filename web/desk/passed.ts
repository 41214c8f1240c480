/** What became of a callback that stopped ringing here without the agent's accept: said once, shown until the next one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../shared/announcer";
import type { DeskCallback, DeskView } from "../shared/contract";
import { atStart, firstName } from "./words";

export interface Passed {
  text: string;
  certain: boolean; // false: the reason may still arrive with the next view
}

/** `declined` is the attempt that this page passed on. */
export function usePassed(view: DeskView | null, declined: string | null): string | null {
  const current = view?.current ?? null;
  const rang = useRef<DeskCallback | null>(null);
  const [passed, setPassed] = useState<Passed | null>(null);
  useEffect(() => {
    if (current !== null) {
      rang.current = current.stage === "ringing_you" ? current : null;
      setPassed(null);
      return;
    }
    if (rang.current === null || view === null || passed?.certain === true) return;
    const found = whyPassed(rang.current, view, declined);
    if (found.text === passed?.text) return;
    announce(found.text);
    setPassed(found);
  }, [view]);
  return view?.state.name === "not_responding" ? null : (passed?.text ?? null); // the stage says that itself
}

export function whyPassed(rang: DeskCallback, view: DeskView, declined: string | null): Passed {
  if (declined === rang.attempt) return { text: "Passed on. The next agent is asked.", certain: true };
  if (view.state.name === "not_responding") return { text: "You did not answer. You are set to “Not responding”.", certain: true };
  const whose = atStart(`${firstName(rang.customer.name)}’s callback`);
  if (view.call?.ended_reason === "released") {
    const moved = view.next.some((next) => next.callback === rang.callback);
    return { text: `${whose} was ${moved ? "moved" : "cancelled"}. Nothing was dialled.`, certain: true };
  }
  return { text: `${whose} does not ring here any more. Nothing was dialled from here.`, certain: false };
}
