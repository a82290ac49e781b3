import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SECURITY_HEADERS } from "../../../src/node/rpc/security-headers.ts";
import { fileList, fingerprintOf } from "../../../tools/file-list.ts";
import { headersFile } from "../../../tools/headers-file.ts";
import { withIntegrity } from "../../../tools/precache-integrity.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stegos-list-"));
  await mkdir(join(folder, "assets"));
  await mkdir(join(folder, ".vite"));
  await writeFile(join(folder, "index.html"), "abc");
  await writeFile(join(folder, "assets/b-1.js"), "");
  await writeFile(join(folder, "assets/_a-1.js"), "x");
  await writeFile(join(folder, "_headers"), "h");
  await writeFile(join(folder, ".vite/manifest.json"), "{}");
});
afterEach(() => rm(folder, { recursive: true }));

describe("the list of a build", () => {
  it("is what sha256sum says, by anybody's shell", async () => {
    const shell =
      "find . -type f ! -path './.*/*' ! -name files.sha256 | sed 's|^./||' | LC_ALL=C sort | xargs sha256sum";
    const list = fileList(folder);
    expect(execFileSync("sh", ["-c", shell], { cwd: folder, encoding: "utf8" })).toBe(list);
    expect(list.split("\n").map((line) => line.slice(66))).toEqual([
      "_headers",
      "assets/_a-1.js",
      "assets/b-1.js",
      "index.html",
      "",
    ]);
    // FIPS 180-4: the hash of "abc".
    expect(list).toContain("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  index.html\n");
    await writeFile(join(folder, "files.sha256"), list);
    expect(fileList(folder)).toBe(list);
    const printed = execFileSync("sha256sum", ["files.sha256"], { cwd: folder, encoding: "utf8" });
    expect(printed).toBe(`${fingerprintOf(list)}  files.sha256\n`);
  });

  it("changes with every byte and every name", async () => {
    const before = fingerprintOf(fileList(folder));
    await writeFile(join(folder, "index.html"), "abd");
    const changed = fingerprintOf(fileList(folder));
    await writeFile(join(folder, "index.html"), "abc");
    await writeFile(join(folder, "assets/c-1.js"), "");
    expect(new Set([before, changed, fingerprintOf(fileList(folder))]).size).toBe(3);
  });
});

it("every file of the precache is named with its content", () => {
  expect(withIntegrity([{ url: "assets/b-1.js", revision: null }], folder)).toEqual([
    {
      url: "assets/b-1.js",
      revision: null,
      // SHA-384 of nothing.
      integrity: "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb",
    },
  ]);
});

it("other hosts get the same headers in a file", () => {
  const [everywhere = "", assets = ""] = headersFile().split("\n\n");
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(everywhere).toContain(`\n  ${name}: ${value}\n`);
  expect(everywhere.split("\n")[0]).toBe("/*");
  expect(assets).toContain("/assets/*\n  ! cache-control\n  cache-control: public, max-age=31536000, immutable");
});
