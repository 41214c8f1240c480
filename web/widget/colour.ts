/**
 * The business's accent, made readable: text on it and text in it reach 4.5 : 1, bars and borders 3 : 1, whatever colour
 * the page gives.
 */
export type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const SURFACE = { light: WHITE, dark: [21, 27, 33] as Rgb };

export interface AccentTokens {
  accent: Rgb;
  "accent-hover": Rgb;
  "on-accent": Rgb;
  "accent-soft": Rgb;
  "accent-text": Rgb;
  focus: Rgb;
}

export function accentTokens(wish: Rgb, mode: "light" | "dark"): AccentTokens {
  const surface = SURFACE[mode];
  const away = mode === "light" ? BLACK : WHITE; // the direction that gains contrast against the surface
  const soft = mix(surface, wish, mode === "light" ? 0.12 : 0.2);
  const visible = shift(wish, away, (colour) => contrast(colour, surface) >= 3);
  const on = contrast(WHITE, visible) >= contrast(BLACK, visible) ? WHITE : BLACK;
  const accent = shift(visible, on === WHITE ? BLACK : WHITE, (colour) => contrast(on, colour) >= 4.5);
  const text = shift(wish, away, (colour) => contrast(colour, surface) >= 4.5 && contrast(colour, soft) >= 4.5);
  return {
    accent,
    "accent-hover": mix(accent, on === WHITE ? BLACK : WHITE, 0.15),
    "on-accent": on,
    "accent-soft": soft,
    "accent-text": text,
    focus: text,
  };
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** WCAG 2.2 contrast ratio, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Any CSS colour as the browser paints it, or null when it is none. */
export function parse(colour: string): Rgb | null {
  if (!colour || !CSS.supports("color", colour)) return null;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!canvas) return null;
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

function shift(from: Rgb, to: Rgb, enough: (colour: Rgb) => boolean): Rgb {
  for (let share = 0; share < 1; share += 0.02) {
    const colour = mix(from, to, share);
    if (enough(colour)) return colour;
  }
  return to;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share);
  return [channel(0), channel(1), channel(2)];
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
