import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Refusal } from "../refusal.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Where the build puts the app. */
export const APP_FOLDER = join(ROOT, "dist/app");
const SOURCES = ["src", "workers", "public", "index.html", "vite.config.ts", "package-lock.json"];
/** Layers that the app is not made of. */
const NOT_THE_APP = join(ROOT, "src/node");

/** Builds the app if it is missing, or also if it is older than its sources. */
export async function ensureApp(
  when: "missing" | "stale",
  stopping: AbortSignal,
  note: (line: string) => void,
): Promise<void> {
  const builtAt = await changedAt(join(APP_FOLDER, "index.html"));
  if (builtAt > 0 && (when === "missing" || builtAt >= (await newestSource()))) return;
  note("building the app");
  const code = await runVite(stopping);
  if (code !== 0) throw new Refusal("app_build_failed", "the app could not be built");
}

function runVite(signal: AbortSignal): Promise<number | null> {
  // What it prints goes to stderr: stdout belongs to the one ready line.
  const script = join(ROOT, "node_modules/vite/bin/vite.js");
  const args = [script, "build", "--logLevel", "warn"];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", 2, 2], signal });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
}

async function changedAt(path: string): Promise<number> {
  return await stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}

async function newestSource(): Promise<number> {
  let newest = 0;
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    newest = Math.max(newest, await changedAt(path));
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile() && !file.startsWith(NOT_THE_APP)) newest = Math.max(newest, await changedAt(file));
    }
  }
  return newest;
}
