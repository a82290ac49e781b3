import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { compareBytes } from "../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { evidenceRoot } from "../../src/core/chain/block.ts";
import { devValidatorSeed } from "../../src/core/chain/dev-seeds.ts";
import { DevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import { createBlstBls } from "../../src/node/crypto/blst-bls.ts";
import { callRpc, type Devnet } from "./devnet.ts";
import { readSignerRecords } from "./signer-records.ts";
import type { ValidatorProcesses } from "./validator-processes.ts";

/** How long a test waits for a validator that has to catch up on a busy machine. */
const POLL = { timeout: 60_000, interval: 100 };

/** What a test reads of `get_block`. */
export interface BlockJson {
  readonly hash: string;
  /** Seat of whoever made it. */
  readonly proposer: number;
  readonly evidence_root: string;
  readonly certificate: { readonly round: number; readonly signers: readonly number[] } | null;
}

export const readBlock = (devnet: Devnet, index: number, at: number): Promise<BlockJson> =>
  callRpc<BlockJson>(devnet.file.validators[index]!.rpc, "get_block", { height: at });

export const readLog = (devnet: Devnet, index: number): Promise<string> =>
  readFile(new DevnetDirectory(devnet.directory).log(index), "utf8");

/** Seats are in the order of the keys where all have the same stake (6.1). */
export function seatOf(devnet: Devnet, index: number): number {
  const bls = createBlstBls();
  const keys = devnet.file.validators.map((_, each) => bls.publicKey(devValidatorSeed(each)));
  return keys.toSorted(compareBytes).indexOf(keys[index]!);
}

export async function waitForHeight(processes: ValidatorProcesses, index: number, atLeast: number): Promise<void> {
  await expect.poll(() => processes.heightOf(index), POLL).toBeGreaterThanOrEqual(atLeast);
}

/** The others hold a precommit of this validator in a certificate above a height, and it has that block itself. */
export async function expectVoteAbove(
  devnet: Devnet,
  processes: ValidatorProcesses,
  index: number,
  last: number,
): Promise<void> {
  const seat = seatOf(devnet, index);
  const at = await findBlockAbove(devnet, processes, last, ({ certificate }) => certificate!.signers.includes(seat));
  await waitForHeight(processes, index, at);
}

/** A block of this validator is final above a height: the others took it for a good one, and for timely. */
export async function expectProposalAbove(
  devnet: Devnet,
  processes: ValidatorProcesses,
  index: number,
  last: number,
): Promise<void> {
  const seat = seatOf(devnet, index);
  await findBlockAbove(devnet, processes, last, ({ proposer }) => proposer === seat);
}

/** Waits for a block above a height; its own height. */
async function findBlockAbove(
  devnet: Devnet,
  processes: ValidatorProcesses,
  last: number,
  isWanted: (block: BlockJson) => boolean,
): Promise<number> {
  let at = last;
  const find = async (): Promise<boolean> => {
    while (at < (await processes.heightOf(0))) if (isWanted(await readBlock(devnet, 0, ++at))) return true;
    return false;
  };
  await expect.poll(find, POLL).toBe(true);
  return at;
}

/**
 * All validators give the same blocks up to the least of their heights, every record of the chain is there, and the coins
 * of each add up: no database has lost anything.
 */
export async function expectOneChain(devnet: Devnet, processes: ValidatorProcesses): Promise<void> {
  const heights = await Promise.all(devnet.file.validators.map((_, index) => processes.heightOf(index)));
  const common = Math.min(...heights);
  expect(common).toBeGreaterThan(0);
  for (let at = 1; at <= common; at++) {
    const blocks = await Promise.all(heights.map((_, index) => readBlock(devnet, index, at)));
    expect(new Set(blocks.map((block) => block.hash)).size, `height ${at}`).toBe(1);
    for (const block of blocks) expect(block.evidence_root).toBe(formatHex(evidenceRoot([])));
  }
  for (const { rpc } of devnet.file.validators) {
    expect((await callRpc<{ invariant_ok: boolean }>(rpc, "supply")).invariant_ok).toBe(true);
  }
}

/** [ST-4] No node has seen an equivocation, and no signer file holds two signatures for one place. */
export async function expectNoDoubleSign(devnet: Devnet): Promise<void> {
  for (const index of devnet.file.validators.keys()) {
    expect(await readLog(devnet, index)).not.toContain("equivocation");
    const records = await readSignerRecords(`${new DevnetDirectory(devnet.directory).node(index)}/signer`);
    expect(records.length).toBeGreaterThan(0);
    const places = records.map(({ height: at, round, type }) => `${at}/${round}/${type}`);
    expect(new Set(places).size).toBe(places.length);
  }
}
