import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import {
  expectNoDoubleSign,
  expectOneChain,
  expectVoteAbove,
  readLog,
  waitForHeight,
} from "../support/chain-checks.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { limitFileSize, longestFile, withFileSizeLimit } from "../support/file-size-limit.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { startFaucetLoad, ValidatorProcesses } from "../support/validator-processes.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const POLL = { timeout: 60_000, interval: 50 };
const STRIKES = 2;
/** The log of a node has room for what it says of a database that has none. */
const LOG_ROOM = 16 * 1024;
const FULL_MS_MAX = 5_000;
const START_MS = 500;

const numbers = new SeededNumbers(SEED);
// The first one serves page and faucet, which are not what is tried here.
const victim = numbers.between(1, 3);
let devnet: Devnet;
let processes: ValidatorProcesses;
let stopLoad: () => Promise<number>;
let database: string;
let log: string;
let leaveAlone: () => void;

const timesNamed = async (): Promise<number> => (await readLog(devnet, victim)).split("[disk_full]").length - 1;

/** What the disk has room for just now: the longest file there may be. */
let room: number | "unlimited" = "unlimited";

async function setRoom(bytes: number | "unlimited"): Promise<void> {
  room = bytes;
  limitFileSize(processes.pidOf(victim), bytes);
  // One that was just being started may have begun with what there was before.
  await sleep(START_MS);
  limitFileSize(processes.pidOf(victim), bytes);
}

beforeAll(async () => {
  devnet = await startDevnet({ fast: true });
  processes = new ValidatorProcesses(devnet);
  stopLoad = startFaucetLoad(devnet);
  leaveAlone = await processes.supervise(victim, (node, args) => withFileSizeLimit(room, [node, ...args]));
  const directory = new DevnetDirectory(devnet.directory);
  database = join(directory.node(victim), "database");
  log = directory.log(victim);
});

afterAll(async () => {
  leaveAlone();
  processes.end();
  await devnet.stop();
  await stopLoad();
  await removeDevnet(devnet);
});

describe(`a validator whose disk is full under load, replay with SEED=${SEED}`, () => {
  it("[CO-14] ends by name, the others go on, and it votes again once there is room", async () => {
    for (let strike = 0; strike < STRIKES; strike++) {
      await sleep(numbers.between(0, FULL_MS_MAX));
      await expect.poll(() => longestFile(database) - statSync(log).size, POLL).toBeGreaterThan(LOG_ROOM);
      const named = await timesNamed();
      await setRoom(longestFile(database));
      await expect.poll(timesNamed, POLL).toBeGreaterThan(named);
      const others = await processes.heightOf(0);
      await sleep(numbers.between(0, FULL_MS_MAX));
      await waitForHeight(processes, 0, others + 3);
      await setRoom("unlimited");
      await expectVoteAbove(devnet, processes, victim, await processes.heightOf(0));
    }
    expect(await stopLoad()).toBeGreaterThan(0);
  });

  it("[CO-14] [ST-4] nothing of its database is lost, and it signed nothing twice", async () => {
    expect(await readLog(devnet, victim)).not.toContain("[internal_error]");
    await expectOneChain(devnet, processes);
    await expectNoDoubleSign(devnet);
  });

  it("a validator whose log alone has no room goes on without it", async () => {
    leaveAlone();
    await processes.kill(victim);
    await processes.restart(victim, (node, args) => ["sh", "-c", 'exec "$0" "$@" > /dev/full 2>&1', node, ...args]);
    await expectVoteAbove(devnet, processes, victim, await processes.heightOf(0));
  });
});
