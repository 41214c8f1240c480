/** Where the customer writes: Enter sends, Shift Enter makes a new line, the field grows with the text. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { DrawnIcon } from "../shared/icon";
import { send } from "../shared/icon-paths";
import type { Chat } from "./chat";
import { words } from "./words";

const TYPING_EVERY = 4_000;
const LONGEST = 4_000;

export function Composer({ chat }: { chat: Chat }) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const typed = useRef(0);

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.setProperty("height", "0");
    area.style.setProperty("height", `${Math.min(area.scrollHeight + 2, 120)}px`);
  }, [text]);

  const submit = () => {
    const said = text.trim();
    if (!said) return field.current?.focus();
    void chat.open();
    chat.say(said);
    setText("");
    field.current?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={text}
        maxLength={LONGEST}
        aria-label={words.write}
        placeholder={words.write}
        onInput={(event) => {
          setText(event.currentTarget.value);
          if (Date.now() - typed.current > TYPING_EVERY) {
            typed.current = Date.now();
            chat.typing();
          }
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      <button class="icon-button send" aria-label={words.send}>
        <DrawnIcon d={send} />
      </button>
    </form>
  );
}
