/** A labelled field with what is wrong said under it; a problem that names it brings the focus here. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "./contract";
import { ProblemLine } from "./problem-line";

export interface FieldAttributes {
  id: string;
  class: string;
  "aria-invalid": boolean;
  "aria-describedby"?: string;
}

interface FieldProps {
  id: string;
  label: string;
  name: string; // what a problem's `field` ends in: "number" of "destination.number"
  problem: Problem | null;
  children: (attributes: FieldAttributes) => ComponentChildren;
}

export function Field({ id, label, name, problem, children }: FieldProps) {
  const frame = useRef<HTMLDivElement>(null);
  const mine = belongsTo(problem, name) ? problem : null;
  useEffect(() => {
    if (mine !== null) frame.current?.querySelector<HTMLElement>(`#${id}`)?.focus();
  }, [mine]);
  return (
    <div class="field" ref={frame}>
      <label for={id}>{label}</label>
      {children({
        id,
        class: "input",
        "aria-invalid": mine !== null,
        ...(mine === null ? {} : { "aria-describedby": `${id}-problem` }),
      })}
      <ProblemLine problem={mine} id={`${id}-problem`} />
    </div>
  );
}

export function belongsTo(problem: Problem | null, name: string): boolean {
  return problem?.field !== undefined && problem.field !== null && problem.field.split(".").pop() === name;
}
