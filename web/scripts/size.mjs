/** Measures what a browser downloads (gzip, level 9) and fails above the limits: customers' pages pay for every byte. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMITS = { widget: 25_000, desk: 90_000, console: 90_000, login: 30_000, demo: 10_000 };

const out = await mkdtemp(path.join(tmpdir(), "ringback-size-"));
try {
  const script = fileURLToPath(new URL("build.mjs", import.meta.url));
  const built = spawnSync(process.execPath, [script], { stdio: "inherit", env: { ...process.env, RINGBACK_WEB_OUT: out } });
  if (built.status !== 0) process.exit(built.status ?? 1);
  let over = false;
  for (const [name, limit] of Object.entries(LIMITS)) {
    const size = name === "widget" ? await gzipped(path.join(out, "widget.js")) : await pageSize(name);
    const verdict = size <= limit ? "fits" : "TOO LARGE";
    over ||= size > limit;
    console.log(`${name.padEnd(8)} ${String(size).padStart(6)} B gzip, limit ${limit}: ${verdict}`);
  }
  process.exitCode = over ? 1 : 0;
} finally {
  await rm(out, { recursive: true, force: true });
}

/** HTML with every script, chunk and style that it names. */
async function pageSize(page) {
  const html = await readFile(path.join(out, `${page}.html`), "utf8");
  const assets = await readdir(path.join(out, "assets"));
  const named = assets.filter((asset) => html.includes(asset));
  const sizes = await Promise.all([`${page}.html`, ...named.map((asset) => `assets/${asset}`)].map((file) => gzipped(path.join(out, file))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function gzipped(file) {
  return gzipSync(await readFile(file), { level: 9 }).length;
}
