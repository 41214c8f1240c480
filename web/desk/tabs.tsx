/** Columns that do not fit become tabs beside the stage; arrows move between them. */
export type Panel = "next" | "stage" | "chat";

const WORDS: Record<Panel, string> = { next: "Next for you", stage: "Now", chat: "Chat" };

interface PanelTabsProps {
  panels: Panel[];
  chosen: Panel;
  ringing: boolean;
  onChoose: (panel: Panel) => void;
}

export function PanelTabs({ panels, chosen, ringing, onChoose }: PanelTabsProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = panels.at((panels.indexOf(chosen) + step) % panels.length);
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts of the desk" onKeyDown={onKeyDown}>
      {panels.map((panel) => (
        <button
          key={panel}
          type="button"
          role="tab"
          id={`tab-${panel}`}
          aria-selected={panel === chosen}
          aria-controls={`panel-${panel}`}
          tabIndex={panel === chosen ? 0 : -1}
          onClick={() => onChoose(panel)}
        >
          {panel === "stage" && ringing ? "Ringing" : WORDS[panel]}
        </button>
      ))}
    </div>
  );
}
