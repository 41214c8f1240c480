/** Where the page goes after the log-in: the path asked for when it is one of ours, else the person's own page. */
import type { Me } from "../shared/contract";

export function whereTo(search: string, origin: string, me: Pick<Me, "agent" | "roles">): string {
  const home = me.agent === null ? "/console" : "/desk";
  const next = new URLSearchParams(search).get("next");
  // "//host" and "/\host" are other origins to a browser, whatever they look like.
  if (next === null || !next.startsWith("/")) return home;
  let url: URL;
  try {
    url = new URL(next, origin);
  } catch {
    return home;
  }
  if (url.origin !== origin || url.pathname.startsWith("//") || url.pathname.startsWith("/login")) return home;
  return url.pathname + url.search + url.hash;
}
