import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { ROOT } from "../architecture/source-files.ts";
import { fingerprintOf } from "../../tools/file-list.ts";

/** All that the build reads. */
const SOURCES = [
  "index.html",
  "package.json",
  "public",
  "src",
  "tests/tsconfig.json",
  "tools",
  "tsconfig.base.json",
  "tsconfig.json",
  "vite.config.ts",
  "workers",
];

const run = promisify(execFile);
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** The list of a build of a copy of the sources, in a place and a time zone of its own. */
async function buildIn(folder: string, environment: Record<string, string>): Promise<string> {
  folders.push(folder);
  await mkdir(folder, { recursive: true });
  for (const source of SOURCES) await cp(join(ROOT, source), join(folder, source), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const { VITEST: _inside, ...outside } = process.env;
  await run(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: folder,
    env: { ...outside, NODE_ENV: "production", ...environment },
  });
  return readFile(join(folder, "dist/app/files.sha256"), "utf8");
}

it("two builds in two folders are the same files, and have the fingerprint of the build here", async () => {
  const parent = await mkdtemp(join(tmpdir(), "stegos-build-"));
  folders.push(parent);
  const first = await buildIn(join(parent, "a"), { TZ: "Asia/Shanghai", LANG: "zh_CN.UTF-8" });
  const second = await buildIn(join(ROOT, `dist/build-${process.pid}/another folder`), { TZ: "UTC", LANG: "C" });
  folders.push(join(ROOT, `dist/build-${process.pid}`));
  expect(second).toBe(first);
  expect(first.split("\n").length).toBeGreaterThan(20);
  expect(fingerprintOf(await readFile(join(ROOT, "dist/app/files.sha256"), "utf8"))).toBe(fingerprintOf(first));
});
