import assert from "node:assert/strict";
import { test } from "node:test";

import { accentTokens, contrast, type Rgb } from "./colour";

const SURFACE = { light: [255, 255, 255], dark: [21, 27, 33] } as const;

/** A grid over all colours: whatever a business picks has to be readable. */
function* colours(): Generator<Rgb> {
  for (let red = 0; red <= 255; red += 51) {
    for (let green = 0; green <= 255; green += 51) {
      for (let blue = 0; blue <= 255; blue += 51) yield [red, green, blue];
    }
  }
}

for (const mode of ["light", "dark"] as const) {
  test(`every accent is readable in the ${mode}`, () => {
    for (const wish of colours()) {
      const made = accentTokens(wish, mode);
      const at = `accent ${wish.join(" ")}`;
      assert.ok(contrast(made["on-accent"], made.accent) >= 4.5, `${at}: text on it`);
      assert.ok(contrast(made["accent-text"], SURFACE[mode]) >= 4.5, `${at}: text in it`);
      assert.ok(contrast(made["accent-text"], made["accent-soft"]) >= 4.5, `${at}: text on its soft one`);
      assert.ok(contrast(made.accent, SURFACE[mode]) >= 3, `${at}: bars on the surface`);
    }
  });
}

test("a colour that is readable stays as it is", () => {
  assert.deepEqual(accentTokens([11, 92, 112], "light").accent, [11, 92, 112]);
});

test("contrast is that of WCAG", () => {
  assert.equal(Math.round(contrast([0, 0, 0], [255, 255, 255])), 21);
});
