import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AilingMachine, WELL, type Ailments } from "../support/ailments.ts";
import {
  expectNoDoubleSign,
  expectOneChain,
  expectProposalAbove,
  expectVoteAbove,
  readLog,
  waitForHeight,
} from "../support/chain-checks.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { startFaucetLoad, ValidatorProcesses } from "../support/validator-processes.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const POLL = { timeout: 90_000, interval: 100 };
const HOUR_MS = 3_600_000;
/** The chain makes so many blocks while one machine is ill. */
const BLOCKS = 5;
const WELL_MS_MAX = 2_000;

const numbers = new SeededNumbers(SEED);
// The first one serves page and faucet, which are not what is tried here.
const victim = numbers.between(1, 3);
let devnet: Devnet;
let processes: ValidatorProcesses;
let machine: AilingMachine;
let stopLoad: () => Promise<number>;

const timesNamed = async (code: string): Promise<number> =>
  (await readLog(devnet, victim)).split(`[${code}]`).length - 1;

/** Ill until it has said so and the others have gone on; then well, until it votes and proposes as ever. */
async function fallIll(ailments: Partial<Ailments>, code: string): Promise<void> {
  await sleep(numbers.between(0, WELL_MS_MAX));
  const pid = processes.pidOf(victim);
  const named = await timesNamed(code);
  machine.set(pid, ailments);
  await expect.poll(() => timesNamed(code), POLL).toBeGreaterThan(named);
  await waitForHeight(processes, 0, (await processes.heightOf(0)) + BLOCKS);
  machine.set(pid, WELL);
  const last = await processes.heightOf(0);
  await expectVoteAbove(devnet, processes, victim, last);
  await expectProposalAbove(devnet, processes, victim, last);
  expect(processes.pidOf(victim)).toBe(pid);
}

beforeAll(async () => {
  devnet = await startDevnet({ fast: true });
  processes = new ValidatorProcesses(devnet);
  machine = new AilingMachine(devnet.directory);
  stopLoad = startFaucetLoad(devnet);
  await processes.kill(victim);
  await processes.restart(victim, machine.wrap);
});

afterAll(async () => {
  processes.end();
  await devnet.stop();
  await stopLoad();
  await removeDevnet(devnet);
});

describe(`a validator on an ailing machine under load, replay with SEED=${SEED}`, () => {
  it("votes there as anywhere", async () => {
    await expectVoteAbove(devnet, processes, victim, await processes.heightOf(0));
  });

  it("[CO-14] its disk takes seconds for a write: it says so, the others go on, and it votes again", async () => {
    await fallIll({ syncDelayMs: numbers.between(1_500, 4_000) }, "disk_slow");
  });

  it("[CO-2] its clock jumps back by hours: the same", async () => {
    await fallIll({ clockOffsetMs: -numbers.between(1, 30) * HOUR_MS }, "clock_behind");
  });

  it("[CO-2] its clock jumps ahead by hours: the same", async () => {
    await fallIll({ clockOffsetMs: numbers.between(1, 30) * HOUR_MS }, "blocks_late");
  });

  it("[CO-14] [ST-4] [NW-16] one chain, nothing signed twice, nobody banned", async () => {
    expect(await stopLoad()).toBeGreaterThan(0);
    await expectOneChain(devnet, processes);
    await expectNoDoubleSign(devnet);
    for (const index of devnet.file.validators.keys()) expect(await readLog(devnet, index)).not.toContain("banned");
  });
});
