/** Bundles every *.test.ts with esbuild and runs them with Node's own test runner: no other test framework to lock. */
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const OUT = path.join(WEB, ".cache/tests");
const FOLDERS = ["shared", "widget", "desk", "console", "login", "demo"];

const tests = [];
for (const folder of FOLDERS) {
  for (const name of await readdir(path.join(WEB, folder), { recursive: true })) {
    if (/\.test\.tsx?$/.test(name)) tests.push(path.join(folder, name));
  }
}
await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
await build({
  absWorkingDir: WEB,
  entryPoints: tests,
  outdir: OUT,
  outbase: ".",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  jsx: "automatic",
  jsxImportSource: "preact",
  sourcemap: "inline",
  logLevel: "warning",
});
const built = tests.map((test) => path.join(OUT, test.replace(/\.tsx?$/, ".mjs")));
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...process.argv.slice(2), ...built], { stdio: "inherit", cwd: WEB });
process.exit(run.status ?? 1);
