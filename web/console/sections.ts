/** The sections of the side bar; each has an address of its own (the fragment), so that Back and links work. */
import { useEffect, useState } from "preact/hooks";
import type { Me } from "../shared/contract";
import type { IconName } from "../shared/icons";

export type Section = "overview" | "callbacks" | "slots" | "agents" | "report" | "numbers";

export const SECTIONS: readonly { section: Section; title: string; icon: IconName }[] = [
  { section: "overview", title: "Overview", icon: "grid" },
  { section: "callbacks", title: "Callbacks", icon: "list" },
  { section: "slots", title: "Slots", icon: "calendar" },
  { section: "agents", title: "Agents", icon: "people" },
  { section: "report", title: "Report", icon: "chart" },
  { section: "numbers", title: "Do not call", icon: "phoneDown" },
];

/** Who sees phone numbers: an auditor does not. */
const SEE_NUMBERS: readonly Me["roles"][number][] = ["supervisor", "admin"];

export function sectionsOf(me: Me): typeof SECTIONS {
  const numbers = me.roles.some((role) => SEE_NUMBERS.includes(role));
  return SECTIONS.filter(({ section }) => numbers || section !== "numbers");
}

export function useSection(): Section {
  const [section, setSection] = useState(current);
  useEffect(() => {
    const changed = (): void => setSection(current());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return section;
}

function current(): Section {
  const name = location.hash.slice(1);
  return SECTIONS.find(({ section }) => section === name)?.section ?? "overview";
}
