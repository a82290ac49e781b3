import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { devValidatorSeed } from "../../src/core/chain/dev-seeds.ts";
import { STEADY_BLOCKS } from "../../src/core/machines/return-from-jail.ts";
import { DevnetDirectory, openDevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import { writeGenesisFile } from "../../src/node/cli/genesis-file.ts";
import { makeDevGenesis } from "../../src/node/cli/make-dev-genesis.ts";
import { createBlstBls } from "../../src/node/crypto/blst-bls.ts";
import {
  expectNoDoubleSign,
  expectOneChain,
  expectVoteAbove,
  readLog,
  waitForHeight,
} from "../support/chain-checks.ts";
import { callRpc, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { ValidatorProcesses } from "../support/validator-processes.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const VALIDATORS = 5;
const LAZY = 4;
const EPOCH_MS = 8_000;
const DEAD_EPOCHS = 2;
/** For what takes a few epochs, on a busy machine. */
const POLL = { timeout: 240_000, interval: 500 };

const key = formatHex(createBlstBls().publicKey(devValidatorSeed(LAZY)));
let devnet: Devnet;
let processes: ValidatorProcesses;

/** Where the others see the key. */
const standing = async (): Promise<{ status: string; seat: number | null }> => {
  const { rpc } = devnet.file.validators[0]!;
  const { status, seat } = await callRpc<{ status: string; seat: number | null }>(rpc, "validator", { key });
  return { status, seat };
};

async function silenceUntilJailed(): Promise<void> {
  await processes.kill(LAZY);
  await expect.poll(standing, POLL).toEqual({ status: "jailed", seat: null });
}

/** It has a seat, and others hold a vote of it that was given after it had come back. */
async function expectBack(): Promise<void> {
  await expect.poll(async () => (await standing()).status, POLL).toBe("active");
  await expectVoteAbove(devnet, processes, LAZY, await processes.heightOf(0));
}

beforeAll(async () => {
  const directory = new DevnetDirectory(await mkdtemp(join(tmpdir(), "stegos-unjail-")));
  await openDevnetDirectory(directory, { validatorCount: VALIDATORS, isFast: false });
  const genesis = makeDevGenesis({ validatorCount: VALIDATORS, isFast: true });
  await rm(directory.genesis);
  await writeGenesisFile(directory.genesis, {
    ...genesis,
    params: { ...genesis.params, epochMs: EPOCH_MS, deadEpochs: DEAD_EPOCHS },
  });
  devnet = await startDevnet({ directory: directory.path });
  processes = new ValidatorProcesses(devnet);
}, 180_000);

afterAll(async () => {
  processes.end();
  await devnet.stop();
  await removeDevnet(devnet);
}, 60_000);

describe("a validator that was silent for dead_epochs", () => {
  it("[ST-3] is jailed, comes back by itself once it follows the chain, and votes", { timeout: 600_000 }, async () => {
    await waitForHeight(processes, LAZY, 3);
    expect((await standing()).status).toBe("active");
    await silenceUntilJailed();
    await processes.restart(LAZY);
    await expectBack();
    const log = await readLog(devnet, LAZY);
    for (const code of ["validator_jailed", "unjail_sent", "validator_waiting"]) expect(log).toContain(code);
    expect(log.lastIndexOf("validator_active")).toBeGreaterThan(log.indexOf("unjail_sent"));
  });

  it("[ST-3] waits for its operator under --no-unjail: stegos key unjail", { timeout: 600_000 }, async () => {
    await silenceUntilJailed();
    await processes.restart(LAZY, (node, args) => [node, ...args, "--no-unjail"]);
    const { rpc } = devnet.file.validators[LAZY]!;
    const ownWord = () => callRpc<{ validator?: string; syncing: boolean }>(rpc, "status").catch(() => undefined);
    await expect.poll(ownWord, POLL).toMatchObject({ validator: "jailed", syncing: false });
    await waitForHeight(processes, LAZY, (await processes.heightOf(0)) + 2 * STEADY_BLOCKS);
    expect(await standing()).toEqual({ status: "jailed", seat: null });
    const file = new DevnetDirectory(devnet.directory).key(LAZY);
    const ran = await stegos("key", "unjail", file, "--rpc", `${rpc}/rpc`);
    expect(ran.code, ran.err).toBe(0);
    expect(ran.out).toMatch(/^[0-9a-f]{64}\n$/);
    await expectBack();
    // In good standing there is nothing to take back.
    expect((await stegos("key", "unjail", file, "--rpc", `${rpc}/rpc`)).err).toContain("[not_jailed]");
  });

  it("[CO-14] [ST-4] all hold one chain, and nobody signed twice", { timeout: 300_000 }, async () => {
    await expectOneChain(devnet, processes);
    await expectNoDoubleSign(devnet);
  });
});

function stegos(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["src/node/cli/main.ts", ...words], { cwd: ROOT }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}
