import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatHex, parseHex } from "../../src/core/bytes/hex.ts";
import { evidenceRoot } from "../../src/core/chain/block.ts";
import { VOTE_TYPE, voteMessage } from "../../src/core/chain/vote.ts";
import { hash } from "../../src/core/values/hash.ts";
import { height } from "../../src/core/values/height.ts";
import { DevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import type { SignerRecord } from "../../src/node/storage/signer-file.ts";
import { expectVoteAbove, readBlock, readLog, seatOf, waitForHeight } from "../support/chain-checks.ts";
import { callRpc, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { readSignerRecords } from "../support/signer-records.ts";
import { startFaucetLoad, ValidatorProcesses } from "../support/validator-processes.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const VALIDATORS = 4;
const UP_MS_MAX = 2_000;
const POLL = { timeout: 60_000, interval: 100 };

const numbers = new SeededNumbers(SEED);
// The first one serves page and faucet, which are not what is tried here.
const victim = numbers.between(1, VALIDATORS - 1);
const [first, second] = [1, 2, 3].filter((index) => index !== victim) as [number, number];
/**
 * Everything the victim is known to have signed: (height, round, type) → the message, as hex. A certificate of the last
 * height before a kill may well hold its vote from then, which arrived while it was down.
 */
const signed = new Map<string, string>();
let devnet: Devnet;
let processes: ValidatorProcesses;
let stopLoad: () => Promise<number>;
let database: string;
let copy: string;
let signerFile: string;

const placeOf = ({ height: at, round, type }: Pick<SignerRecord, "height" | "round" | "type">): string =>
  `${at}/${round}/${type}`;
const isSame = (left: SignerRecord, right: SignerRecord): boolean =>
  placeOf(left) === placeOf(right) && formatHex(left.hash) === formatHex(right.hash);
const greatestOf = (records: readonly SignerRecord[]): number => Math.max(0, ...records.map((each) => each.height));

/** Reads the signer file and adds it to what is known: two messages for one place are what must never be. */
async function readSigned(): Promise<readonly SignerRecord[]> {
  const records = await readSignerRecords(signerFile);
  for (const record of records) {
    const message = formatHex(record.hash);
    expect(signed.get(placeOf(record)) ?? message, `signed at ${placeOf(record)}`).toBe(message);
    signed.set(placeOf(record), message);
  }
  return records;
}

/** What the victim signed of late must lie above the last signature from before. */
async function expectSilenceUpTo(last: number, before: readonly SignerRecord[]): Promise<void> {
  const later = (await readSigned()).filter((record) => !before.some((known) => isSame(known, record)));
  for (const record of later) expect(record.height, placeOf(record)).toBeGreaterThan(last);
}

/** The victim was started again: others have its precommit in a certificate above its last signature from before. */
async function expectSigningAbove(last: number): Promise<void> {
  await expectVoteAbove(devnet, processes, victim, last);
  expect(await readLog(devnet, victim)).toContain(`signing again from height ${last + 1}`);
}

beforeAll(async () => {
  devnet = await startDevnet({ fast: true });
  processes = new ValidatorProcesses(devnet);
  stopLoad = startFaucetLoad(devnet);
  const folder = new DevnetDirectory(devnet.directory).node(victim);
  database = join(folder, "database");
  copy = join(devnet.directory, "database-copy");
  signerFile = join(folder, "signer");
});

afterAll(async () => {
  processes.end();
  await devnet.stop();
  await stopLoad();
  await removeDevnet(devnet);
});

describe(`a validator that loses its database under load, replay with SEED=${SEED}`, () => {
  it("[CO-14] deleted, its last height still open: it catches up and keeps silent there, and votes again", async () => {
    await expect.poll(async () => greatestOf(await readSigned()), POLL).toBeGreaterThanOrEqual(3);
    await sleep(numbers.between(0, UP_MS_MAX));
    // With half of the power left a height stays open once what is on its way has come: the victim has voted at it.
    await processes.kill(first);
    await processes.kill(second);
    const isOpen = async (): Promise<boolean> => greatestOf(await readSigned()) > (await processes.heightOf(0));
    do await sleep(numbers.between(UP_MS_MAX / 2, UP_MS_MAX));
    while (!(await isOpen()));
    await processes.kill(victim);
    await cp(database, copy, { recursive: true });
    await rm(database, { recursive: true });

    const before = await readSigned();
    const last = greatestOf(before);
    // Its vote would be the third now, and make the height final.
    await processes.restart(first);
    await processes.restart(victim);
    await waitForHeight(processes, victim, last - 1);
    await sleep(numbers.between(0, UP_MS_MAX));
    await expectSilenceUpTo(last, before);
    await processes.restart(second);
    await expectSigningAbove(last);
    await expectSilenceUpTo(last, before);
  });

  it("[CO-14] put back from an old copy while the chain goes on: the same", async () => {
    await sleep(numbers.between(0, UP_MS_MAX));
    await processes.kill(victim);
    await rm(database, { recursive: true });
    await cp(copy, database, { recursive: true });

    const before = await readSigned();
    const last = greatestOf(before);
    await processes.restart(victim);
    if (numbers.chance(0.5)) {
      // Killed once more on its way, or while it watches only, or just after: that must change nothing.
      await sleep(numbers.between(0, UP_MS_MAX));
      await processes.kill(victim);
      await expectSilenceUpTo(last, before);
      await processes.restart(victim);
    }
    await expectSigningAbove(last);
    await expectSilenceUpTo(last, before);
    expect(await stopLoad()).toBeGreaterThan(0);
  });

  it("[CO-14] [ST-4] all chains are equal, and hold no vote of it that its file does not, and no evidence", async () => {
    const heights = await Promise.all(devnet.file.validators.map((_, index) => processes.heightOf(index)));
    const seat = seatOf(devnet, victim);
    const { chain_id: chainId } = await callRpc<{ chain_id: number }>(devnet.url, "status");
    await readSigned();
    for (let at = 1; at <= Math.min(...heights); at++) {
      const blocks = await Promise.all(heights.map((_, index) => readBlock(devnet, index, at)));
      expect(new Set(blocks.map((block) => block.hash)).size).toBe(1);
      for (const { hash: id, evidence_root: evidence, certificate } of blocks) {
        expect(evidence).toBe(formatHex(evidenceRoot([])));
        const { round, signers } = certificate!;
        if (!signers.includes(seat)) continue;
        const place = placeOf({ height: height(at), round, type: "precommit" });
        const message = voteMessage(chainId, VOTE_TYPE.precommit, height(at), round, hash(parseHex(id)));
        expect(signed.get(place), place).toBe(formatHex(message));
      }
    }
    for (const index of heights.keys()) expect(await readLog(devnet, index)).not.toContain("equivocation");
  });
});
