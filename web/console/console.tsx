/** The supervisor's console: side bar, top bar and the section that the address names. */
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { announce } from "../shared/announcer";
import type { ConsoleQueue, ConsoleView } from "../shared/contract";
import { CreateCallback } from "../shared/create-callback";
import { ShortcutsOn, shortcutsWanted, wantShortcuts } from "../shared/shortcuts";
import { ActDialog, type Asked } from "./act-dialog";
import { AgentsSection } from "./agents-section";
import { FilterDialog } from "./filter-dialog";
import { useFrame } from "./frame";
import { Lanes } from "./lanes";
import { NumbersSection } from "./numbers-section";
import { Overview } from "./overview";
import { ReportSection } from "./report-section";
import { riskWords } from "./risk-card";
import { SECTIONS, type Section, useSection } from "./sections";
import { SideBar } from "./side-bar";
import { SlotsSection } from "./slots-section";
import { shortBy } from "./staffing";
import { TopBar } from "./top-bar";

export function Console() {
  const { store, commands } = useFrame();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => store.subscribe(() => redraw(0)), [store]);
  const { view, link, heardAt, queue } = store.snapshot;
  const section = useSection();
  const [shortcuts, setShortcuts] = useState(shortcutsWanted);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [filtering, setFiltering] = useState(false);
  const find = useRef<HTMLInputElement>(null);
  const queues = useKnownQueues(view);
  const title = SECTIONS.find((one) => one.section === section)?.title ?? "";

  useSectionFocus(section, title);
  useRiskWords(view);

  const chooseQueue = (slug: string | null): void => {
    setOpen(null);
    store.choose(slug);
    const address = new URL(location.href);
    if (slug === null) address.searchParams.delete("queue");
    else address.searchParams.set("queue", slug);
    history.replaceState(null, "", address);
  };
  const openRow = (callback: string): void => {
    setSearch("");
    setOpen(callback);
    requestAnimationFrame(() => {
      const row = document.querySelector<HTMLElement>(`[data-row="${callback}"]`);
      row?.scrollIntoView({ block: "center" });
      row?.focus({ preventScroll: true });
    });
  };
  const lanes = (brief: boolean) =>
    view !== null && (
      <Lanes
        key={section}
        view={view}
        search={search}
        brief={brief}
        open={open}
        onOpen={setOpen}
        onAct={setAsked}
        onLeave={() => (open === null ? find.current?.focus() : setOpen(null))}
      />
    );

  return (
    <ShortcutsOn.Provider value={shortcuts}>
      <div class="console">
        <SideBar view={view} section={section} shortcuts={shortcuts} onShortcuts={(on) => (wantShortcuts(on), setShortcuts(on))} />
        <main>
          <TopBar
            title={title}
            queues={queues}
            queue={queue}
            onQueue={chooseQueue}
            link={link}
            heardAt={heardAt}
            search={search}
            onSearch={setSearch}
            field={find}
          />
          {view === null ? (
            <div class="loading tall" aria-hidden="true">
              <i />
              <i />
              <i />
            </div>
          ) : section === "overview" ? (
            <>
              {search.trim() === "" && <Overview view={view} onAct={setAsked} onOpen={openRow} />}
              {lanes(true)}
            </>
          ) : section === "callbacks" ? (
            <>
              {view.can_act && (
                <div class="section-acts">
                  <button type="button" class="button outlined" onClick={() => setFiltering(true)}>
                    Act on many
                  </button>
                  <CreateCallback providers={view.queues.map(({ provider, name }) => ({ address: provider, name }))} zone={view.business.zone} create={(request) => commands.create(request)} />
                </div>
              )}
              {lanes(false)}
            </>
          ) : section === "slots" ? (
            <SlotsSection queues={view.queues} />
          ) : section === "agents" ? (
            <AgentsSection agents={view.agents} search={search} canAct={view.can_act} />
          ) : section === "numbers" ? (
            <NumbersSection />
          ) : (
            <ReportSection queue={queue} />
          )}
        </main>
        {filtering && view !== null && (
          <FilterDialog view={view} onChosen={(chosen) => (setFiltering(false), setAsked(chosen))} onClose={() => setFiltering(false)} />
        )}
        {asked !== null && view !== null && <ActDialog asked={asked} view={view} onClose={() => setAsked(null)} />}
      </div>
    </ShortcutsOn.Provider>
  );
}

/** Queues seen so far: a view of one queue may name only that one, and the choice must stay whole. */
function useKnownQueues(view: ConsoleView | null): ConsoleQueue[] {
  const known = useRef(new Map<string, ConsoleQueue>());
  for (const queue of view?.queues ?? []) known.current.set(queue.slug, queue);
  return [...known.current.values()];
}

/** After going to another section by the side bar its heading is told; the focus stays on the link that was followed. */
function useSectionFocus(section: Section, title: string): void {
  const first = useRef(true);
  useEffect(() => {
    document.title = `${title} · Ringback`;
    if (!first.current) scrollTo(0, 0);
    first.current = false;
  }, [section]);
}

/** Said only for risk, short slots and not known; the announcer keeps 30 s between two. */
function useRiskWords(view: ConsoleView | null): void {
  const unknown = view?.risks.filter((risk) => risk.kind === "unknown").length ?? 0;
  const atRisk = (view?.risks.length ?? 0) - unknown;
  const short = view?.staffing.filter((slot) => shortBy(slot) > 0).length ?? 0;
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (view === null) return;
    const words = [riskWords(atRisk, unknown), short === 0 ? null : `${short} ${short === 1 ? "slot is" : "slots are"} short`]
      .filter((part) => part !== null)
      .join(". ");
    if (before.current !== null && before.current !== words) announce(words);
    before.current = words;
  }, [view === null, atRisk, unknown, short]);
}
