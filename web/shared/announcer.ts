/** Speaks to screen readers: one polite and one assertive live region a page, with a gap between polite ones in which the last wins. */

const regions = new Map<"polite" | "assertive", HTMLElement>();
let gap = 10_000;
let lastPolite = -Infinity;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Puts the two regions into the page; `politeGap` is the least time in seconds between two polite announcements. */
export function startAnnouncer(politeGap: number): void {
  gap = politeGap * 1000;
  for (const level of ["polite", "assertive"] as const) {
    const region = document.createElement("div");
    region.className = "visually-hidden";
    region.setAttribute("aria-live", level);
    region.setAttribute("aria-atomic", "true");
    document.body.append(region);
    regions.set(level, region);
  }
}

/** Says it when the gap allows; what comes meanwhile replaces it. */
export function announce(text: string): void {
  clearTimeout(waiting);
  const pause = Math.max(0, lastPolite + gap - performance.now());
  waiting = setTimeout(() => {
    lastPolite = performance.now();
    speak("polite", text);
  }, pause);
}

/** Says it at once, over anything else: something rings, starts or ends. */
export function announceNow(text: string): void {
  speak("assertive", text);
}

function speak(level: "polite" | "assertive", text: string): void {
  const region = regions.get(level);
  if (region === undefined) return;
  // The same words twice would not count as a change.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
