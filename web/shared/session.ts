/** Who is logged in, and the way to the log-in page and back when nobody is. */
import type { Me } from "./contract";
import { type Client, Refused } from "./post";

/** The person logged in; null after sending the page to the log-in, because then it is about to be left. */
export async function whoIsHere(client: Client): Promise<Me | null> {
  try {
    return await client.get<Me>("/auth/v1/me");
  } catch (failure) {
    if (failure instanceof Refused && failure.status === 401) {
      goToLogin();
      return null;
    }
    throw failure;
  }
}

export function goToLogin(): void {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
}

export async function logOut(client: Client): Promise<void> {
  await client.post("/auth/v1/logout");
  location.assign("/login");
}
