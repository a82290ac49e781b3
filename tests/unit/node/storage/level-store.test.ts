import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLevelStore } from "../../../../src/node/storage/level-store.ts";
import { NodeCache } from "../../../../src/node/storage/node-cache.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { runs } from "../../../support/run-counts.ts";
import { expectConsistent, findHeight } from "../../../support/store-consistency.ts";

const KILL_COUNT = runs(8, 10_000);
/** A run of kills this long starts a new database: listing all live leaves after each kill must not grow for ever. */
const KILLS_PER_DATABASE = 50;
const COMMIT_LOOP = fileURLToPath(new URL("../../../support/commit-loop.ts", import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-level-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Starts the commit loop, kills it after a while and gives the last height it called durable. */
// The moment of a kill is up to the machine anyway, so no seed would repeat it.
async function killCommitLoop(from: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [COMMIT_LOOP, directory, String(from)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const firstWord = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      resolve();
    });
  });
  const exited = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await Promise.race([firstWord, exited]);
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  child.kill("SIGKILL");
  await exited;
  const lines = said.split("\n");
  return Number(lines.at(-2) ?? from - 1);
}

describe("level store", () => {
  it(`is whole after a kill -9 at any moment of a commit (${KILL_COUNT} kills)`, async () => {
    let height = -1;
    for (let kill = 0; kill < KILL_COUNT; kill++) {
      if (kill > 0 && kill % KILLS_PER_DATABASE === 0) {
        await rm(directory, { recursive: true, force: true });
        height = -1;
      }
      const durable = await killCommitLoop(height + 1, Math.random() * 60);
      const store = await openLevelStore(directory);
      try {
        height = findHeight(store, Math.max(0, height));
        expect(height).toBeGreaterThanOrEqual(durable);
        await expectConsistent(store, height);
      } finally {
        await store.close();
      }
    }
    expect(height).toBeGreaterThan(0);
  });

  it("refuses a database that is open elsewhere", async () => {
    const store = await openLevelStore(directory);
    await expect(openLevelStore(directory)).rejects.toMatchObject({ name: "Refusal", code: "database_in_use" });
    await store.close();
    await (await openLevelStore(directory)).close();
  });
});

describe("node cache", () => {
  it("stays within its bound and forgets what was used least recently", () => {
    const cache = new NodeCache(3);
    let loads = 0;
    const load = () => {
      loads++;
      return hashOf("node", loads);
    };
    for (const position of [0, 1, 2, 0, 3]) cache.read(7, position, load);
    expect(cache.size).toBe(3);
    expect(loads).toBe(4);
    cache.read(7, 0, load);
    expect(loads).toBe(4);
    cache.read(7, 1, load);
    expect(loads).toBe(5);
  });

  it("remembers that a node is absent", () => {
    const cache = new NodeCache(3);
    cache.write(8, 5, undefined);
    expect(cache.read(8, 5, () => hashOf("node", 1))).toBeUndefined();
    expect(cache.read(9, 5, () => hashOf("node", 1))).toEqual(hashOf("node", 1));
  });
});
