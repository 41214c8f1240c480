/** The agent's own settings of this browser: sound when a callback rings (off until wanted) and single-key shortcuts. */
import { useState } from "preact/hooks";
import { shortcutsWanted, wantShortcuts } from "../shared/shortcuts";
import type { DeskSettings } from "./desk-header";

const SOUND = "ringback-sound";

export function useSettings(): DeskSettings {
  const [sound, setSound] = useState(() => localStorage.getItem(SOUND) === "on");
  const [shortcuts, setShortcuts] = useState(shortcutsWanted);
  return {
    sound,
    shortcuts,
    change: (settings) => {
      if (settings.sound !== undefined) {
        localStorage.setItem(SOUND, settings.sound ? "on" : "off");
        setSound(settings.sound);
      }
      if (settings.shortcuts !== undefined) {
        wantShortcuts(settings.shortcuts);
        setShortcuts(settings.shortcuts);
      }
    },
  };
}
