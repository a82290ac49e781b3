import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callRpc, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { runs } from "../support/run-counts.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { startFaucetLoad, ValidatorProcesses } from "../support/validator-processes.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const KILLS = runs(6, 500);
const UP_MS_MAX = 3_000;
const BACK_TIMEOUT_MS = 60_000;

const numbers = new SeededNumbers(SEED);
let devnet: Devnet;
let processes: ValidatorProcesses;

async function waitForHeight(index: number, atLeast: number): Promise<void> {
  const timing = { timeout: BACK_TIMEOUT_MS, interval: 100 };
  await expect.poll(() => processes.heightOf(index), timing).toBeGreaterThanOrEqual(atLeast);
}

beforeAll(async () => {
  devnet = await startDevnet();
  processes = new ValidatorProcesses(devnet);
});

afterAll(async () => {
  processes.end();
  await devnet.stop();
  await removeDevnet(devnet);
});

describe(`validators killed under load, replay with SEED=${SEED}`, () => {
  it(`[CO-14] ${KILLS} kills at random moments: the killed one comes back, nobody signs twice`, async () => {
    const stopLoad = startFaucetLoad(devnet);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(numbers.between(0, UP_MS_MAX));
      // The first one serves page and faucet, which are not what is tried here.
      const index = numbers.between(1, 3);
      await processes.kill(index);
      await sleep(numbers.between(0, UP_MS_MAX));
      await processes.restart(index);
      await waitForHeight(index, (await processes.heightOf(0)) + 1);
    }
    expect(await stopLoad()).toBeGreaterThan(0);
  });

  it("all four hold the same chain, and its supply adds up", async () => {
    const heights = await Promise.all(devnet.file.validators.map((_, index) => processes.heightOf(index)));
    const common = Math.min(...heights);
    expect(common).toBeGreaterThan(0);
    const hashes = await Promise.all(
      devnet.file.validators.map(({ rpc }) => callRpc<{ hash: string }>(rpc, "get_block", { height: common })),
    );
    expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(1);
    for (const { rpc } of devnet.file.validators) {
      expect((await callRpc<{ invariant_ok: boolean }>(rpc, "supply")).invariant_ok).toBe(true);
    }
  });

  it("[ST-4] no node has seen an equivocation", async () => {
    const logs = (await readdir(devnet.directory)).filter((name) => name.endsWith(".log"));
    expect(logs.length).toBe(4);
    for (const name of logs) expect(await readFile(join(devnet.directory, name), "utf8")).not.toContain("equivocation");
  });
});
