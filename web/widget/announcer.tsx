/** What a screen reader hears: at most one polite announcement in ten seconds, the last wins; a call is said at once. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Chat } from "./chat";
import { words } from "./words";

const QUIET = 10_000;

export function Announcer({ chat }: { chat: Chat }) {
  const [polite, say] = useThrottled();
  const [urgent, setUrgent] = useState("");
  const last = chat.messages.at(-1);
  const heard = useRef(last?.seq ?? 0);
  const { view } = chat;
  const callLine = !view
    ? ""
    : view.state === "ringing"
      ? words.callingYou(view.peer_name)
      : view.state === "joined" && chat.call.mine
        ? words.connectedTo(view.peer_name)
        : "";
  const talked = useRef(false);

  useEffect(() => {
    if (!last || last.seq <= heard.current) return;
    const first = heard.current === 0;
    heard.current = last.seq;
    if (!first && last.author !== "customer") say([last.author_name, last.text].filter(Boolean).join(": "));
  }, [last?.seq]);

  useEffect(() => {
    if (callLine) setUrgent(callLine);
    else if (talked.current) setUrgent(words.callEnded);
    talked.current = view?.state === "joined" && chat.call.mine;
  }, [callLine]);

  return (
    <>
      <div class="hidden" aria-live="polite">
        {polite}
      </div>
      <div class="hidden" role="alert">
        {urgent}
      </div>
    </>
  );
}

function useThrottled(): [string, (text: string) => void] {
  const [text, setText] = useState("");
  const state = useRef({ spoken: 0, timer: 0, next: "" });
  const say = (next: string) => {
    const now = state.current;
    now.next = next;
    if (now.timer) return;
    const wait = Math.max(0, now.spoken + QUIET - Date.now());
    now.timer = setTimeout(() => {
      now.timer = 0;
      now.spoken = Date.now();
      setText(now.next);
    }, wait) as unknown as number;
  };
  return [text, say];
}
