import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Live, type LiveState } from "./live";
import { Refused } from "./post";

class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(event: object): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  fails(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

let sockets: FakeSocket[];
let states: LiveState[];
let events: unknown[];
let refused: number[];
let polls: number;
let reachable: boolean;
let failure: Error | null;
let live: Live;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const last = () => sockets.at(-1) as FakeSocket;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  [sockets, states, events, refused, polls, reachable, failure] = [[], [], [], [], 0, true, null];
  live = new Live({
    url: "ws://test",
    hello: () => ({ after: events.length }),
    poll: async () => {
      polls += 1;
      if (failure !== null) throw failure;
      if (!reachable) throw new Error("no answer");
    },
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    onRefused: (code) => refused.push(code),
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  live.start();
});

afterEach(() => {
  live.stop();
  mock.timers.reset();
});

test("it says hello, then that it is here every five seconds", () => {
  last().open();
  last().says({ type: "snapshot" });
  mock.timers.tick(5_000);
  mock.timers.tick(5_000);
  assert.deepEqual(last().sent, [{ hello: { after: 0 } }, { here: true }, { here: true }]);
  assert.deepEqual(states, ["live"]);
});

test("a short loss is mended in silence, resumed after what was seen", () => {
  last().open();
  last().says({ type: "snapshot" });
  last().fails();
  mock.timers.tick(600);
  last().open();
  last().says({ type: "message" });
  assert.equal(sockets.length, 2);
  assert.deepEqual(last().sent[0], { hello: { after: 1 } });
  assert.deepEqual(states, ["live"]);
});

test("after three seconds without an answer it says reconnecting", async () => {
  last().open();
  last().says({ type: "snapshot" });
  reachable = false;
  last().fails();
  for (let second = 0; second < 3; second++) {
    mock.timers.tick(1_000);
    if (last().readyState === 0) last().fails();
    await settle();
  }
  assert.deepEqual(states, ["live", "reconnecting"]);
});

test("where no socket opens it polls, and goes on trying", async () => {
  last().fails();
  mock.timers.tick(1_100);
  last().fails();
  await settle();
  assert.deepEqual([polls, states], [1, ["polling"]]);
  mock.timers.tick(2_000);
  await settle();
  assert.equal(polls, 2);
  mock.timers.tick(40_000);
  assert.equal(sockets.length, 3);
});

test("a server that was away and answers again is connected to at once", async () => {
  last().open();
  last().says({ type: "snapshot" });
  reachable = false;
  last().fails();
  for (let wait = 0; wait < 8; wait++) {
    mock.timers.tick(1_000);
    if (last().readyState === 0) last().fails();
    await settle();
  }
  reachable = true;
  const before = sockets.length;
  mock.timers.tick(2_000);
  await settle();
  mock.timers.tick(1_000);
  assert.equal(sockets.length, before + 1);
  last().open();
  last().says({ type: "snapshot" });
  assert.equal(live.state, "live");
});

test("a socket that opens ends the polling", async () => {
  last().fails();
  mock.timers.tick(1_100);
  last().fails();
  await settle();
  mock.timers.tick(40_000);
  last().open();
  last().says({ type: "snapshot" });
  const before = polls;
  mock.timers.tick(10_000);
  await settle();
  assert.equal(polls, before);
  assert.equal(live.state, "live");
});

test("a server that answered presence and stopped doing so is left", () => {
  last().open();
  last().says({ type: "here" });
  mock.timers.tick(5_000);
  mock.timers.tick(5_000);
  assert.equal(sockets.length, 1);
  mock.timers.tick(5_000);
  mock.timers.tick(1_000);
  assert.equal(sockets.length, 2);
  assert.deepEqual(events, []);
});

test("a poll that the server refuses ends the polling", async () => {
  failure = new Refused({ type: "log-in", title: "Log in again.", status: 401, detail: "" });
  last().fails();
  mock.timers.tick(1_100);
  last().fails();
  await settle();
  mock.timers.tick(60_000);
  await settle();
  assert.deepEqual([refused, polls], [[4401], 1]);
});

test("a refusal is told and not tried again", () => {
  last().open();
  last().fails(4404);
  mock.timers.tick(60_000);
  assert.deepEqual([refused, sockets.length], [[4404], 1]);
});
