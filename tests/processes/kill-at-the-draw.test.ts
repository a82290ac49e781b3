import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoDoubleSign, expectOneChain, waitForHeight } from "../support/chain-checks.ts";
import { callRpc, removeDevnet, startDevnetWith, type Devnet } from "../support/devnet.ts";
import { runs } from "../support/run-counts.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { ValidatorProcesses } from "../support/validator-processes.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const DRAWS = runs(4, 200);
/** Weeks of two short epochs. Whoever was just killed may still be drawn. */
const PARAMS = { epochMs: 5_000, weekEpochs: 2, awardDelayBlocks: 3, awardSignBp: 1_000 };
/** From one block to the next on a busy machine: a kill may fall before, into and after the writing of the second. */
const BLOCK_MS = 1_500;
const LOOK_AGAIN_MS = 20;

interface Draw {
  readonly week: number;
  readonly winner: string;
  readonly amount: string;
  readonly beacon_height: number;
}

interface Boundary {
  readonly epoch: number;
  readonly epoch_end: boolean;
}

const numbers = new SeededNumbers(SEED);
let devnet: Devnet;
let processes: ValidatorProcesses;

const rpcOf = (index: number): string => devnet.file.validators[index]!.rpc;
/** Without the certificate of the drawing block, which may hold other signatures at another node. */
async function newestDraw(index: number): Promise<Draw | undefined> {
  const { past } = await callRpc<{ readonly past: readonly Draw[] }>(rpcOf(index), "award", { past: 1 });
  return past.map(({ week, winner, amount, beacon_height }) => ({ week, winner, amount, beacon_height }))[0];
}

/** Waits for a block that ends a week; the height at which its draw is due (AW-2). */
async function waitForWeekEnd(): Promise<number> {
  for (let height = await processes.heightOf(0); ; height++) {
    await waitForHeight(processes, 0, height);
    const { epoch, epoch_end: isEnd } = await callRpc<Boundary>(rpcOf(0), "get_block", { height });
    if (isEnd && epoch % PARAMS.weekEpochs === 0) return height + PARAMS.awardDelayBlocks;
  }
}

beforeAll(async () => {
  devnet = await startDevnetWith(PARAMS);
  processes = new ValidatorProcesses(devnet);
});

afterAll(async () => {
  processes.end();
  await devnet.stop();
  await removeDevnet(devnet);
});

describe(`validators killed around the block that draws the award, replay with SEED=${SEED}`, () => {
  it(`[AW-2] [AW-4] ${DRAWS} draws: the killed one comes back and has the draw whole, as the others have it`, async () => {
    for (let draw = 0; draw < DRAWS; draw++) {
      const height = await waitForWeekEnd();
      const index = numbers.between(1, 3);
      while ((await processes.heightOf(index)) < height - 1) await sleep(LOOK_AGAIN_MS);
      await sleep(numbers.between(0, BLOCK_MS));
      await processes.kill(index);
      await processes.restart(index);
      for (const each of [0, 1, 2, 3]) await waitForHeight(processes, each, height);
      const newest = await Promise.all([0, 1, 2, 3].map(newestDraw));
      expect(newest).toEqual(newest.map(() => ({ ...newest[0], beacon_height: height })));
    }
  });

  it("[CO-14] [SU-1] one chain, coins that add up, and nobody signed twice", async () => {
    await expectOneChain(devnet, processes);
    await expectNoDoubleSign(devnet);
  });
});
