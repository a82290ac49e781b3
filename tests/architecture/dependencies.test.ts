import { describe, expect, it } from "vitest";
import { readText } from "./source-files.ts";

interface Manifest {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (path: string): Manifest => JSON.parse(readText(path)) as Manifest;

const { dependencies = {}, devDependencies = {} } = readManifest("package.json");
const LISTED = Object.entries({ ...dependencies, ...devDependencies });

/** Rows of docs/dependencies.md as `package → [version, licence]`. */
const ROWS = new Map(
  [...readText("docs/dependencies.md").matchAll(/^\| `([^`]+)` *\| ([^|]+?) *\| ([^|]+?) *\|/gm)].map((match) => [
    match[1] ?? "",
    [match[2] ?? "", match[3] ?? ""] as const,
  ]),
);

const PERMISSIVE = /^(MIT|Apache-2\.0|ISC|BSD-[23]-Clause|0BSD|MPL-2\.0)$/;

/** How one package spells the SPDX name. */
const MPL_WITHOUT_HYPHEN = "MPL 2.0";

describe("dependencies", () => {
  it("each has its row in docs/dependencies.md, and no row is left over", () => {
    expect([...ROWS.keys()].sort()).toEqual(LISTED.map(([name]) => name).sort());
  });

  it.each(LISTED)("%s is pinned to the version of its row", (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(ROWS.get(name)?.[0]).toBe(version);
  });

  it.each(LISTED)("%s has the permissive licence of its row", (name) => {
    const written = readManifest(`node_modules/${name}/package.json`).license?.replace(/^\((.*)\)$/, "$1");
    const installed = written === MPL_WITHOUT_HYPHEN ? "MPL-2.0" : written;
    expect(ROWS.get(name)?.[1]).toBe(installed);
    expect(installed?.split(" OR ").some((licence) => PERMISSIVE.test(licence))).toBe(true);
  });
});
