/** Draws one icon. It stands beside a word, or takes a `label`, which makes it an image with that name. */
export function DrawnIcon({ d, size = 20, label }: { d: string; size?: number; label?: string | undefined }) {
  const named = label ? ({ role: "img", "aria-label": label } as const) : ({ "aria-hidden": true } as const);
  return (
    <svg class="icon" viewBox="0 0 20 20" width={size} height={size} focusable="false" {...named}>
      <path d={d} />
    </svg>
  );
}
