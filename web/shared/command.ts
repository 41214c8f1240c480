/** A command in a component: sent once at a time, with what came of it in words that say what to do. */
import { useCallback, useRef, useState } from "preact/hooks";
import type { Problem } from "./contract";
import { Refused, Unreachable } from "./post";

export interface Command {
  busy: boolean;
  problem: Problem | null;
  run: (act: () => Promise<unknown>) => Promise<boolean>; // true when it was done
  clear: () => void;
}

export function useCommand(): Command {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);
  const run = useCallback(async (act: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await act();
      return true;
    } catch (failure) {
      setProblem(problemOf(failure));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { busy, problem, run, clear: useCallback(() => setProblem(null), []) };
}

/** Any failure as problem details, for the one place that shows them. */
export function problemOf(failure: unknown): Problem {
  if (failure instanceof Refused) return failure.problem;
  if (failure instanceof Unreachable) {
    return { type: "unreachable", title: "Not sent", status: 0, detail: "Not sent: the server did not answer.", next: "Try again when the page says Live." };
  }
  throw failure;
}
