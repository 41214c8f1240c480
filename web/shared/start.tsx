/** How desk and console begin: ask who is logged in, and say in words when that cannot be found out. */
import { render } from "preact";
import type { Me } from "./contract";
import { type Client, Unreachable } from "./post";
import { whoIsHere } from "./session";

/** Opens the page for whoever is logged in; while the server does not answer it says so and goes on trying. */
export async function startPage(client: Client, open: (root: HTMLElement, me: Me) => void): Promise<void> {
  const root = document.getElementById("page");
  if (root === null) return;
  for (;;) {
    try {
      const me = await whoIsHere(client);
      if (me !== null) open(root, me);
      return;
    } catch (failure) {
      const quiet = failure instanceof Unreachable;
      render(
        <StartProblem
          title="Ringback does not answer"
          detail={quiet ? "It is tried again every few seconds; nothing is lost meanwhile." : `It answered: ${failure instanceof Error ? failure.message : "unknown"}`}
        />,
        root,
      );
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    }
  }
}

export function StartProblem({ title, detail, link }: { title: string; detail: string; link?: string }) {
  return (
    <main class="start">
      <h1>{title}</h1>
      <p role="status">
        {detail} {link !== undefined && <a href={link}>{link}</a>}
      </p>
    </main>
  );
}
