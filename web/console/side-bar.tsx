/** The side bar: sections with what needs a look, and who is logged in. */
import type { ConsoleView, Me } from "../shared/contract";
import { Icon } from "../shared/icons";
import { Menu, MenuItem, MenuToggle } from "../shared/menu";
import { logOut } from "../shared/session";
import { useFrame } from "./frame";
import { type Section, sectionsOf } from "./sections";
import { shortBy } from "./staffing";

interface SideBarProps {
  view: ConsoleView | null;
  section: Section;
  shortcuts: boolean;
  onShortcuts: (on: boolean) => void;
}

export function SideBar({ view, section, shortcuts, onShortcuts }: SideBarProps) {
  const { me, store } = useFrame();
  return (
    <header class="side-bar">
      <span class="brand">
        <span aria-hidden="true">
          <Icon name="back" size={18} />
        </span>
        <span class="side-word">Ringback</span>
      </span>
      <nav aria-label="Sections">
        <ul>
          {sectionsOf(me).map(({ section: name, title, icon }) => {
            const note = view === null ? null : noteOf(name, view);
            return (
              <li key={name}>
                <a href={`#${name}`} aria-current={name === section ? "page" : undefined}>
                  <Icon name={icon} size={18} />
                  <span class="side-word">{title}</span>
                  {note !== null && <span class={note.bad ? "side-note bad-text" : "side-note"}>{note.words}</span>}
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
      <Menu
        buttonClass="who-am-i"
        up
        label={
          <>
            <span class="avatar" aria-hidden="true">
              {me.name.charAt(0)}
            </span>
            <span class="side-word">
              <b>{me.name.split(" ")[0]}</b> <span class="second">{roleOf(me)}</span>
            </span>
          </>
        }
      >
        {(close) => (
          <>
            <MenuToggle label="Single-key shortcuts" on={shortcuts} onChange={onShortcuts} />
            <hr />
            <MenuItem onChoose={() => (close(), void logOut(store.client))}>Log out</MenuItem>
          </>
        )}
      </Menu>
    </header>
  );
}

function noteOf(section: Section, view: ConsoleView): { words: string; bad: boolean } | null {
  if (section === "callbacks") return { words: String(view.rows.filter((row) => row.lane !== "done").length), bad: false };
  if (section === "agents") return { words: String(view.agents.filter((agent) => agent.state !== "offline").length), bad: false };
  const short = view.staffing.filter((slot) => shortBy(slot) > 0).length;
  return section === "slots" && short > 0 ? { words: `${short} short`, bad: true } : null;
}

function roleOf(me: Me): string {
  const role = (["admin", "supervisor", "auditor", "agent"] as const).find((name) => me.roles.includes(name)) ?? "";
  return role.charAt(0).toUpperCase() + role.slice(1);
}
