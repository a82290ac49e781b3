// Prints what the built app weighs. `node tools/node.mjs tools/sizes.ts`
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { ROOT } from "./run-command.ts";

const APP_FOLDER = join(ROOT, "dist/app");
const MANIFEST_FILE = join(APP_FOLDER, ".vite/manifest.json");
const SHELL_JS_BYTES_MAX = 110_000;
const SHELL_CSS_BYTES_MAX = 15_000;
/** Of the page that a link to a red packet opens, before anybody taps. */
const CLAIM_JS_BYTES_MAX = 60_000;

/** The part of Vite's build manifest that we read. */
export interface ManifestChunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

/**
 * Files a page needs before it works: its entry and everything imported statically from there. What `import()` brings
 * (libp2p, the curve kernels) and what workers load comes later and does not count.
 */
export function shellFiles(manifest: Readonly<Record<string, ManifestChunk>>, entry: string): ReadonlySet<string> {
  const files = new Set<string>();
  const waiting = [entry];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) continue;
    files.add(chunk.file);
    for (const sheet of chunk.css ?? []) files.add(sheet);
    waiting.push(...(chunk.imports ?? []));
  }
  return files;
}

function brotliSize(file: string): number {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

function formatKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** True when there is a build to measure. */
export function hasBuild(): boolean {
  return existsSync(MANIFEST_FILE);
}

/** Measures every script, style and kernel of the build; says which budget is broken, if any. */
export function measureSizes(): {
  readonly ok: boolean;
  readonly shellJsBytes: number;
  readonly shellCssBytes: number;
  readonly claimJsBytes: number;
  readonly lines: readonly string[];
} {
  const manifest = JSON.parse(readFileSync(MANIFEST_FILE, "utf8")) as Record<string, ManifestChunk>;
  const shell = shellFiles(manifest, "index.html");
  const claim = shellFiles(manifest, "r.html");
  const measured = globSync("**/*.{js,css,wasm}", { cwd: APP_FOLDER })
    .map((file) => ({ file, bytes: brotliSize(join(APP_FOLDER, file)), inShell: shell.has(file) }))
    .sort((a, b) => b.bytes - a.bytes);
  const sizeOf = (files: ReadonlySet<string>, ending: string): number =>
    measured.filter(({ file }) => files.has(file) && file.endsWith(ending)).reduce((sum, { bytes }) => sum + bytes, 0);
  const [shellJsBytes, shellCssBytes] = [sizeOf(shell, ".js"), sizeOf(shell, ".css")];
  const claimJsBytes = sizeOf(claim, ".js");
  const budgets = [
    { name: "shell js", size: shellJsBytes, max: SHELL_JS_BYTES_MAX },
    { name: "shell css", size: shellCssBytes, max: SHELL_CSS_BYTES_MAX },
    { name: "claim page js", size: claimJsBytes, max: CLAIM_JS_BYTES_MAX },
  ];
  const lines = [
    ...measured.map(({ file, bytes, inShell }) => {
      return `${formatKilobytes(bytes).padStart(10)} ${inShell ? "shell" : "later"}  ${file}`;
    }),
    ...budgets.map(({ name, size, max }) => {
      return `${formatKilobytes(size).padStart(10)} of ${formatKilobytes(max)}  ${name}${size > max ? "  OVER BUDGET" : ""}`;
    }),
  ];
  return {
    ok: budgets.every(({ size, max }) => size <= max),
    shellJsBytes,
    shellCssBytes,
    claimJsBytes,
    lines,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (hasBuild()) {
    const { ok, lines } = measureSizes();
    console.log(lines.join("\n"));
    process.exitCode = ok ? 0 : 1;
  } else {
    console.error("no build in dist/app: run `npm run build` first");
    process.exitCode = 1;
  }
}
