import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoDoubleSign, expectOneChain, waitForHeight } from "../support/chain-checks.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { runs } from "../support/run-counts.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { startFaucetLoad, ValidatorProcesses } from "../support/validator-processes.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const KILLS = runs(6, 500);
const UP_MS_MAX = 3_000;

const numbers = new SeededNumbers(SEED);
let devnet: Devnet;
let processes: ValidatorProcesses;

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
      await waitForHeight(processes, index, (await processes.heightOf(0)) + 1);
    }
    expect(await stopLoad()).toBeGreaterThan(0);
  });

  it("[CO-14] [ST-4] all four hold the same chain, its supply adds up, and nobody signed twice", async () => {
    await expectOneChain(devnet, processes);
    await expectNoDoubleSign(devnet);
  });
});
