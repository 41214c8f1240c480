/** The bar over each section: where we are, which queue, how live it is (with the business's clock and zone), find. */
import { useRef } from "preact/hooks";
import type { ConsoleQueue } from "../shared/contract";
import { Icon } from "../shared/icons";
import type { LiveState } from "../shared/live";
import { Key, useKeyName, useShortcuts } from "../shared/shortcuts";
import { useNow } from "../shared/ticking";
import { placeOf } from "../shared/time";
import { useFrame } from "./frame";

interface TopBarProps {
  title: string;
  queues: Pick<ConsoleQueue, "slug" | "name">[];
  queue: string | null;
  onQueue: (queue: string | null) => void;
  link: LiveState;
  heardAt: string | null;
  search: string;
  onSearch: (search: string) => void;
  field: { current: HTMLInputElement | null };
}

export function TopBar({ title, queues, queue, onQueue, link, heardAt, search, onSearch, field }: TopBarProps) {
  const { me } = useFrame();
  const heading = useRef<HTMLHeadingElement>(null);
  useShortcuts({ "/": () => field.current?.focus() });
  return (
    <header class="top-bar">
      <h1 ref={heading}>{title}</h1>
      <label>
        <span class="visually-hidden">Queue</span>
        <select class="input" value={queue ?? ""} onChange={(event) => onQueue(event.currentTarget.value || null)}>
          <option value="">{me.business.name}, all queues</option>
          {queues.map((one) => (
            <option key={one.slug} value={one.slug}>
              {me.business.name}, {one.name}
            </option>
          ))}
        </select>
      </label>
      <LinkState link={link} heardAt={heardAt} />
      <div class="find" role="search">
        <Icon name="search" size={18} />
        <label class="visually-hidden" for="find">
          Find a callback
        </label>
        <input
          id="find"
          ref={field}
          type="search"
          placeholder="Find a callback"
          value={search}
          autoComplete="off"
          {...useKeyName("/")}
          onInput={(event) => onSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            onSearch("");
            event.currentTarget.blur();
          }}
        />
        <Key of="/" />
      </div>
    </header>
  );
}

/** The second runs only here; the page says once when it is behind. */
function LinkState({ link, heardAt }: { link: LiveState; heardAt: string | null }) {
  const { zone, at } = useFrame();
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(useNow());
  const lost = link === "reconnecting" || link === "stopped";
  if (lost) {
    return (
      <span class="with-icon warn-text link-state" role="status">
        <Icon name="wifiOff" size={16} />
        Reconnecting{heardAt !== null && `. This is from ${at(heardAt)}`}
      </span>
    );
  }
  return (
    <span class="with-icon second link-state">
      <Icon name={link === "connecting" ? "clock" : "check"} size={16} />
      {link === "connecting" ? "Connecting" : "Live"},{" "}
      <span role="timer" aria-live="off" aria-label={`the time in ${placeOf(zone)}`}>
        {clock}
      </span>{" "}
      {placeOf(zone)}
    </span>
  );
}
