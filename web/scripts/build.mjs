/**
 * Builds every page into ../src/ringback/console/static/ (or $RINGBACK_WEB_OUT): `widget.js`, one self-contained script,
 * and for each of PAGES an HTML file whose script and style are hashed files under /assets/. No HTML has anything inline.
 */
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, watch, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "terser";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const OUT = path.resolve(process.env.RINGBACK_WEB_OUT ?? path.join(WEB, "../src/ringback/console/static"));
const PAGES = ["desk", "console", "login", "demo"];
const TARGET = ["chrome109", "firefox115", "safari16.4"];
const watching = process.argv.includes("--watch");

const common = {
  bundle: true,
  minify: !watching,
  target: TARGET,
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
  absWorkingDir: WEB,
  sourcemap: watching ? "inline" : false,
  write: false,
};

/** `import css from "./x.css?inline"` gives the bundled, minified text: shadow roots adopt it as a constructed sheet. */
const inlineCss = {
  name: "inline-css",
  setup(bundler) {
    bundler.onResolve({ filter: /\.css\?inline$/ }, (found) => ({
      path: path.resolve(found.resolveDir, found.path.replace("?inline", "")),
      namespace: "inline-css",
    }));
    bundler.onLoad({ filter: /.*/, namespace: "inline-css" }, async (file) => {
      const result = await build({ ...common, jsx: undefined, jsxImportSource: undefined, sourcemap: false, entryPoints: [file.path] });
      return { contents: result.outputFiles[0].text.trim(), loader: "text", watchFiles: [file.path] };
    });
  },
};

async function buildWidget() {
  const result = await build({
    ...common,
    entryPoints: { widget: "widget/main.ts" },
    format: "iife",
    alias: { preact: path.join(WEB, "widget/preact-subset") },
    outdir: OUT,
    plugins: [inlineCss],
  });
  if (watching) return result.outputFiles;
  // A second pass over what is already small: every customer's page pays for this one. ASCII, because a page without a
  // declared encoding would misread the rest.
  const [script] = result.outputFiles;
  const { code } = await minify(script.text, { ecma: 2020, compress: { ecma: 2020, passes: 3 }, mangle: true, format: { ascii_only: true } });
  return [{ path: script.path, contents: Buffer.from(code) }];
}

async function buildPages() {
  const result = await build({
    ...common,
    entryPoints: Object.fromEntries(PAGES.map((page) => [page, `${page}/main.tsx`])),
    format: "esm",
    splitting: true,
    outdir: OUT,
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    loader: { ".svg": "file", ".woff2": "file" },
    plugins: [inlineCss],
    metafile: true,
  });
  const files = [...result.outputFiles];
  for (const page of PAGES) {
    const template = await readFile(path.join(WEB, page, `${page}.html`), "utf8");
    const text = template.replace("<!-- assets -->", assetTags(result.metafile, page));
    files.push({ path: path.join(OUT, `${page}.html`), contents: Buffer.from(text) });
  }
  return files;
}

/** The tags of one page: its style, its script and the chunks that script imports, so that they load side by side. */
function assetTags(metafile, page) {
  const outputs = Object.entries(metafile.outputs);
  const [script, entry] = outputs.find(([, output]) => output.entryPoint === `${page}/main.tsx`);
  const url = (file) => `/assets/${path.basename(file)}`;
  const chunks = entry.imports.filter((one) => one.kind === "import-statement" && !one.external);
  return [
    ...(entry.cssBundle ? [`<link rel="stylesheet" href="${url(entry.cssBundle)}" />`] : []),
    ...chunks.map((chunk) => `<link rel="modulepreload" href="${url(chunk.path)}" />`),
    `<script type="module" src="${url(script)}"></script>`,
  ].join("\n    ");
}

async function licences() {
  const text = await readFile(path.join(WEB, "node_modules/preact/LICENSE"), "utf8");
  return { path: path.join(OUT, "THIRD-PARTY-LICENSES.txt"), contents: Buffer.from(`These pages contain Preact.\n\n${text}`) };
}

/** Write what changed first and remove the rest after, so that a running server never misses a file it just named. */
async function write(files) {
  for (const file of files) {
    await mkdir(path.dirname(file.path), { recursive: true });
    await writeFile(file.path, file.contents);
  }
  const kept = new Set(files.map((file) => file.path));
  for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !kept.has(file)) await rm(file);
  }
}

async function buildAll() {
  const files = (await Promise.all([buildWidget(), buildPages(), licences()])).flat();
  await write(files);
}

await buildAll();
if (watching) {
  console.log("built; watching for changes");
  let timer;
  for await (const change of watch(WEB, { recursive: true })) {
    if (/node_modules|\.cache/.test(change.filename ?? "")) continue;
    clearTimeout(timer);
    timer = setTimeout(() => buildAll().then(() => console.log("built"), (failure) => console.error(failure.message)), 100);
  }
}
