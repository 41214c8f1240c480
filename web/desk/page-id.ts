/**
 * The random id of this page load, and that of the load before it in this tab. The old id is written only while a page
 * goes away, so that a duplicated tab, whose storage is a copy, never takes a call from the page that still lives.
 */

const BEFORE = "ringback-page";

export interface PageIds {
  page: string;
  before: string | null; // the load that this one replaces: its call is taken again without asking
}

export function pageIds(storage: Storage, newId: () => string): PageIds {
  const before = storage.getItem(BEFORE);
  storage.removeItem(BEFORE);
  const page = newId();
  addEventListener("pagehide", () => storage.setItem(BEFORE, page));
  addEventListener("pageshow", () => storage.removeItem(BEFORE)); // back from the browser's page cache
  return { page, before };
}
