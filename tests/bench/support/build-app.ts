import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** What is measured is the app of this tree. */
export async function buildApp(): Promise<void> {
  const root = join(import.meta.dirname, "..", "..", "..");
  await promisify(execFile)(process.execPath, [join(root, "node_modules/vite/bin/vite.js"), "build"], { cwd: root });
}
