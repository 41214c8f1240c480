/** Starts the desk: who is logged in, the live view, and the leg that rings or talks on this page. */
import { render } from "preact";
import "./desk.css";
import { startAnnouncer } from "../shared/announcer";
import { Call, callAudio } from "../shared/call";
import type { CallView, Me } from "../shared/contract";
import { makeClient, newKey } from "../shared/post";
import { StartProblem, startPage } from "../shared/start";
import { Clock, ServerClock } from "../shared/ticking";
import { Desk } from "./desk";
import { FrameContext, makeFrame } from "./frame";
import { type PageIds, pageIds } from "./page-id";
import { DeskStore } from "./store";

const client = makeClient();

/** `<ringback-desk>` keeps the sound of the call; its `remoteStream` is what the customer says, null outside a call. */
class RingbackDesk extends HTMLElement {
  call: Call | null = null;

  get remoteStream(): MediaStream | null {
    return this.call?.remoteStream ?? null;
  }
}

function open(root: HTMLElement, me: Me): void {
  if (me.agent === null) {
    render(<StartProblem title="This log-in has no desk" detail="It does not belong to an agent. The supervisor's page is at" link="/console" />, root);
    return;
  }
  const clock = new ServerClock();
  const ids = pageIds(sessionStorage, newKey);
  const store = new DeskStore(client, clock, ids.page);
  const element = new RingbackDesk();
  document.body.append(element);
  const call = new Call({
    offers: true,
    page: ids.page,
    prefix: "/desk/v1",
    client,
    audio: callAudio(element),
    iceServers: () => store.snapshot.view?.ice_servers ?? [],
    relayOnly: () => store.snapshot.view?.relay_only ?? false,
    onChange: () => store.touch(),
  });
  element.call = call;
  store.onSignal = (leg, signal) => call.signal(leg, signal);
  store.onReached = () => void call.refresh().catch(() => undefined);
  store.onView = (view) => {
    call.update(view.call);
    takeAgain(call, view.call, ids);
  };
  render(
    <Clock.Provider value={clock}>
      <FrameContext.Provider value={makeFrame(store, me)}>
        <Desk call={call} />
      </FrameContext.Provider>
    </Clock.Provider>,
    root,
  );
  store.start();
}

/** The call survives a reload: what the page before this one held, this one takes. */
function takeAgain(call: Call, view: CallView | null, ids: PageIds): void {
  if (view === null || ids.before === null || view.page !== ids.before) return;
  if (!["accepted", "joined", "held"].includes(view.state)) return;
  ids.before = null;
  void call.take();
}

customElements.define("ringback-desk", RingbackDesk);
startAnnouncer(10);
void startPage(client, open);
