/** Starts the console: who is logged in, the live view, what may be done. */
import { render } from "preact";
import "./console.css";
import { startAnnouncer } from "../shared/announcer";
import type { Me } from "../shared/contract";
import { makeClient } from "../shared/post";
import { StartProblem, startPage } from "../shared/start";
import { Clock, ServerClock } from "../shared/ticking";
import { clock as clockTime } from "../shared/time";
import { Commands } from "./commands";
import { Console } from "./console";
import { FrameContext } from "./frame";
import { ConsoleStore } from "./store";

const client = makeClient();

function open(root: HTMLElement, me: Me): void {
  if (!me.roles.some((role) => role !== "agent")) {
    render(<StartProblem title="This log-in has no console" detail="It belongs to an agent. The desk is at" link="/desk" />, root);
    return;
  }
  const clock = new ServerClock();
  const { zone } = me.business;
  const store = new ConsoleStore(client, clock, new URLSearchParams(location.search).get("queue"));
  const frame = { store, commands: new Commands(client, zone), me, zone, at: (instant: string) => clockTime(instant, zone) };
  render(
    <Clock.Provider value={clock}>
      <FrameContext.Provider value={frame}>
        <Console />
      </FrameContext.Provider>
    </Clock.Provider>,
    root,
  );
  store.start();
}

startAnnouncer(30);
void startPage(client, open);
