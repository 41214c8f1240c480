/** The agent's desk: state and what comes next on the left, the stage in the middle, the chat on the right. */
import type { ComponentChildren } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { announce } from "../shared/announcer";
import type { Call } from "../shared/call";
import { NewCallbackButton, NewCallbackDialog } from "../shared/create-callback";
import type { DeskCallback, DeskView } from "../shared/contract";
import { useMedia } from "../shared/media";
import { ShortcutsOn } from "../shared/shortcuts";
import { ChatSoFar } from "./chat-so-far";
import { ConnectionLost } from "./connection-lost";
import { DeskHeader } from "./desk-header";
import { useFrame } from "./frame";
import { LiveChatList, LiveChatThread, useLiveChats } from "./live-chats";
import { NextList, YourDay } from "./next-list";
import { useNotes } from "./notes";
import { RingingSound } from "./ringing-sound";
import { useSettings } from "./settings";
import { IdleStage } from "./stage-idle";
import { PhoneRingsStage, PhoneTalkingStage } from "./stage-phone";
import { CustomerRingsStage, ElsewhereStage } from "./stage-rings";
import { RingingStage } from "./stage-ringing";
import { TalkingStage } from "./stage-talking";
import { WrapUpStage } from "./stage-wrap-up";
import { usePassed } from "./passed";
import { StateSwitch } from "./state-switch";
import { Steps } from "./steps";
import type { DeskSnapshot } from "./store";
import { type Panel, PanelTabs } from "./tabs";
import { WithYouCard } from "./with-you";

export function Desk({ call }: { call: Call }) {
  const { store, me, zone } = useFrame();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => store.subscribe(() => redraw(0)), [store]);
  const { view, link, lostSince } = store.snapshot;
  const settings = useSettings();
  const current = view?.current ?? null;
  const withYou = view?.with_you ?? null;
  const notes = useNotes(current?.attempt ?? null);
  const [picked, setPicked] = useState<string | null>(null);
  const [creating, setCreating] = useState(false);
  const chosen = view?.next.find((next) => next.callback === picked) ?? view?.next[0];

  useEffect(() => {
    document.title = titleOf(current, me.name);
  });
  useRinging(current, settings.sound);
  const passed = usePassed(view, store.declined);
  useLinkWords(store.snapshot);

  const twoColumns = useMedia("(max-width: 1199px)");
  const oneColumn = useMedia("(max-width: 899px)");
  const [panel, setPanel] = useState<Panel>("stage");
  useEffect(() => setPanel("stage"), [current?.attempt, current?.stage]);
  const chats = view?.chats ?? [];
  const live = useLiveChats(chats, current?.attempt ?? withYou?.callback ?? null, view?.state.name === "offline");
  const drafts = useRef(new Map<string, string>()).current;
  const openChat = (chat: string): void => {
    live.open(chat);
    setPanel("chat");
  };
  const chatPanel = live.shown !== null ? <LiveChatThread chat={live.shown} live={live} drafts={drafts} /> : <ChatSoFar current={current} withYou={withYou} />;
  const panels: Panel[] = oneColumn ? ["next", "stage", "chat"] : twoColumns ? ["stage", "chat"] : [];
  const shown = (name: Panel): boolean => !panels.includes(name) || panel === name;

  const stage = view === null ? <LoadingStage /> : <Stage view={view} current={current} call={call} notes={notes} chosen={chosen} passed={passed} online={lostSince === null} />;
  const list = view !== null && (
    <>
      <LiveChatList chats={chats} live={live} onOpen={openChat} />
      <NextList view={view} chosen={current === null ? (chosen?.callback ?? null) : null} onChoose={(callback) => (setPicked(callback), setPanel("stage"))} />
      <div class="list-foot">
        <NewCallbackButton onPress={() => setCreating(true)} />
      </div>
      <YourDay day={view.day} />
    </>
  );

  return (
    <ShortcutsOn.Provider value={settings.shortcuts}>
      <div class={`desk ${panels.length > 0 ? "tabbed" : ""} ${current?.stage === "ringing_you" ? "rings" : ""}`}>
        {/* First in the page, so that what rings comes first in the tab order. */}
        <main class="stage">
          {panels.length > 0 && <PanelTabs panels={panels} chosen={panel} ringing={current?.stage === "ringing_you"} onChoose={setPanel} />}
          <PanelBody name="stage" tabbed={panels.includes("stage")} shown={shown("stage")}>
            {withYou !== null && <WithYouCard withYou={withYou} />}
            {stage}
          </PanelBody>
          {panels.includes("chat") && (
            <PanelBody name="chat" tabbed shown={shown("chat")}>
              {chatPanel}
            </PanelBody>
          )}
          {panels.includes("next") && (
            <PanelBody name="next" tabbed shown={shown("next")}>
              {list}
            </PanelBody>
          )}
        </main>
        <DeskHeader view={view} link={link} settings={settings} />
        <aside class="left" aria-label="Your state and what comes next">
          {lostSince !== null && <ConnectionLost since={lostSince} inCall={current !== null} />}
          {view !== null && <StateSwitch view={view} />}
          {!panels.includes("next") && list}
        </aside>
        {!panels.includes("chat") && (
          <aside class="right" aria-label="Chat and customer">
            {chatPanel}
          </aside>
        )}
        {creating && view !== null && (
          <NewCallbackDialog providers={view.providers} zone={zone} create={(request) => store.create(request)} onClose={() => setCreating(false)} />
        )}
      </div>
    </ShortcutsOn.Provider>
  );
}

interface StageProps {
  view: DeskView;
  current: DeskCallback | null;
  call: Call;
  notes: ReturnType<typeof useNotes>;
  chosen: DeskView["next"][number] | undefined;
  passed: string | null;
  online: boolean;
}

function Stage({ view, current, call, notes, chosen, passed, online }: StageProps) {
  const { store } = useFrame();
  if (current === null) return <IdleStage view={view} chosen={chosen} passed={passed} />;
  const elsewhere = view.call !== null && view.call.page !== null && view.call.page !== store.page && view.call.state !== "ended";
  return (
    <>
      <Steps stage={current.stage} />
      {elsewhere && current.stage !== "wrap_up" ? (
        <ElsewhereStage current={current} call={call} />
      ) : current.phone !== null && current.stage === "talking" ? (
        <PhoneTalkingStage current={current} phone={current.phone} notes={notes} />
      ) : current.phone !== null && current.stage !== "wrap_up" ? (
        <PhoneRingsStage current={current} phone={current.phone} />
      ) : current.stage === "ringing_you" ? (
        <RingingStage view={view} current={current} call={call} />
      ) : current.stage === "customer_rings" ? (
        <CustomerRingsStage current={current} call={call} />
      ) : current.stage === "talking" ? (
        <TalkingStage current={current} call={call} notes={notes} />
      ) : (
        <WrapUpStage key={current.attempt} current={current} notes={notes} online={online} />
      )}
    </>
  );
}

function LoadingStage() {
  return (
    <div>
      <h1 class="visually-hidden">Desk</h1>
      <div class="loading" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <p class="visually-hidden" role="status">
        Loading your desk
      </p>
    </div>
  );
}

function PanelBody({ name, tabbed, shown, children }: { name: Panel; tabbed: boolean; shown: boolean; children: ComponentChildren }) {
  const tab = tabbed ? { role: "tabpanel" as const, id: `panel-${name}`, "aria-labelledby": `tab-${name}` } : {};
  return (
    <div class={`panel panel-${name}`} hidden={!shown} {...tab}>
      {children}
    </div>
  );
}

function titleOf(current: DeskCallback | null, name: string): string {
  if (current === null) return `Desk of ${name} · Ringback`;
  const stage = { ringing_you: "Callback for you", customer_rings: "Ringing", talking: "Talking", wrap_up: "Wrap-up" }[current.stage];
  return `${stage}: ${current.customer.name} · Ringback`;
}

/** Rings by the agent's setting, for as long as the callback rings. */
function useRinging(current: DeskCallback | null, wanted: boolean): void {
  const sound = useRef<RingingSound | null>(null);
  const rings = wanted && current?.stage === "ringing_you";
  useEffect(() => {
    if (!rings) return;
    sound.current ??= new RingingSound();
    sound.current.start();
    return () => sound.current?.stop();
  }, [rings]);
}

/** Said after three seconds without a connection, and once when it is back. */
function useLinkWords({ lostSince }: DeskSnapshot): void {
  const lost = useRef(false);
  useEffect(() => {
    if (lost.current && lostSince === null) announce("Connected again");
    else if (lostSince !== null) announce("Connection lost. Reconnecting.");
    lost.current = lostSince !== null;
  }, [lostSince === null]);
}
