/**
 * Requests to our own servers. A POST carries an idempotency key and is sent again with that same key while nobody
 * answers, so that a lost answer never acts twice; an answer that refuses becomes a `Refused` with its problem details.
 */
import type { Problem } from "./contract";

/** The server answered and said no. `problem.type` ends in the stable id; `id` is that last part. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }

  get id(): string {
    return this.problem.type.split("/").pop() ?? "";
  }

  get status(): number {
    return this.problem.status;
  }
}

/** Nobody answered within the patience given. What was sent may have arrived: send it again only with the same key. */
export class Unreachable extends Error {}

export interface PostOptions {
  key?: string; // the idempotency key; a new one unless the caller keeps it for later
  patience?: number; // ms during which an unanswered POST is repeated with its key
  signal?: AbortSignal;
}

export interface ClientOptions {
  base?: string; // origin of the server, "" for the page's own
  headers?: () => Record<string, string>;
  credentials?: RequestCredentials; // "omit" for the widget, the cookie's default elsewhere
}

export interface Client {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown, options?: PostOptions): Promise<T>;
  delete(path: string, options?: PostOptions): Promise<void>;
}

const ATTEMPT_LIMIT = 10_000;
const RETRY_STATUSES = new Set([502, 503, 504]);

export function newKey(): string {
  return crypto.randomUUID?.() ?? uuidFrom(crypto.getRandomValues(new Uint8Array(16)));
}

/** `randomUUID` exists only in secure contexts; a page on plain http still needs unique keys. */
function uuidFrom(bytes: Uint8Array): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function makeClient({ base = "", headers = () => ({}), credentials = "same-origin" }: ClientOptions = {}): Client {
  async function once<T>(path: string, init: RequestInit, outer?: AbortSignal): Promise<T> {
    const limit = AbortSignal.timeout(ATTEMPT_LIMIT);
    const stop = new AbortController();
    for (const signal of outer ? [limit, outer] : [limit]) signal.addEventListener("abort", () => stop.abort(), { once: true });
    let response: Response;
    let body: string;
    try {
      response = await fetch(base + path, { credentials, cache: "no-store", signal: stop.signal, ...init });
      body = await response.text();
    } catch (failure) {
      throw new Unreachable("no answer from the server", { cause: failure });
    }
    if (RETRY_STATUSES.has(response.status)) throw new Unreachable(`the server is not ready (${response.status})`);
    if (!response.ok) throw new Refused(problemFrom(response, body));
    return (body ? JSON.parse(body) : undefined) as T;
  }

  /** Sends a write again with its key while nobody answers. */
  async function write<T>(method: "POST" | "DELETE", path: string, body: unknown, { key = newKey(), patience = 8_000, signal }: PostOptions): Promise<T> {
    const until = Date.now() + patience;
    const sent = body === undefined ? {} : { "content-type": "application/json" };
    for (let wait = 400; ; wait = Math.min(wait * 2, 3_000)) {
      try {
        const own = { ...sent, accept: "application/json", "idempotency-key": key, ...headers() };
        return await once<T>(path, { method, headers: own, body: body === undefined ? null : JSON.stringify(body) }, signal);
      } catch (failure) {
        if (!(failure instanceof Unreachable) || signal?.aborted || Date.now() + wait > until) throw failure;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  return {
    get: (path) => once(path, { headers: { accept: "application/json", ...headers() } }),
    post: (path, body = {}, options = {}) => write("POST", path, body, options),
    delete: (path, options = {}) => write<void>("DELETE", path, undefined, options),
  };
}

function problemFrom(response: Response, body: string): Problem {
  try {
    const problem = JSON.parse(body) as Partial<Problem>;
    if (typeof problem.type === "string" || typeof problem.detail === "string") {
      return { type: "about:blank", title: "", detail: "", ...problem, status: response.status };
    }
  } catch {
    // Not JSON: a proxy's page, answered below in our own words.
  }
  return { type: "about:blank", title: response.statusText, status: response.status, detail: `The server refused this (${response.status}).` };
}
