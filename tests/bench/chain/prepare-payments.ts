import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { concatBytes } from "../../../src/core/bytes/concat-bytes.ts";
import { u32 } from "../../../src/core/bytes/writer.ts";
import { EMPTY_CERTIFICATE } from "../../../src/core/chain/certificate.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { TX_OUTPUTS_MAX } from "../../../src/core/params/limits.ts";
import { NETWORK_PARAMS, type NetworkParams } from "../../../src/core/params/network-params.ts";
import { blockCommit } from "../../../src/core/state/block-outcome.ts";
import { leafIndex, timeMs } from "../../../src/core/values/height.ts";
import { DevnetDirectory, openDevnetDirectory } from "../../../src/node/cli/devnet-directory.ts";
import { writeGenesisFile } from "../../../src/node/cli/genesis-file.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { openLevelStore } from "../../../src/node/storage/level-store.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { makePayments } from "./make-payments.ts";

export const VALIDATORS = 4;

/**
 * Main's parameters, but for a fee that stays as it is: payments made beforehand cannot follow it. The network is a dev
 * network, whose coins anybody can spend.
 */
const PARAMS: NetworkParams = { ...NETWORK_PARAMS.main, targetOutputsPerEpoch: 1_000_000 };
/** µSTG of a coin that a payment spends: few enough for all of them to come out of the genesis. */
const COIN = 300_000_000n;
/** Coins of the genesis that are split. */
const NOTES = 64;
/** Outputs of a block stay below max_block_outputs. */
const SPLITS_PER_BLOCK = 5;

/** Where the payments lie in the folder, each behind its length as a u32. */
const PAYMENTS_FILE = "payments.bin";

/**
 * Makes the folder of a stopped devnet of four validators whose chain holds a coin for each of so many payments, and
 * beside it the payments: private, one input and two outputs, proofs and signatures real.
 */
export async function preparePayments(path: string, count: number, say: (line: string) => void): Promise<void> {
  const curve = await openBackend(buildKernel);
  const bls = createBlstBls();
  const params = PARAMS;
  const time = timeMs(Date.now());
  const builder = new LedgerBuilder({ bls, curve, params, time, noteCount: NOTES, validatorCount: VALIDATORS });
  const directory = new DevnetDirectory(path);
  await openDevnetDirectory(directory, { validatorCount: VALIDATORS, isFast: false });
  await rm(directory.genesis);
  await writeGenesisFile(directory.genesis, builder.genesis);
  const [first, ...others] = Array.from({ length: VALIDATORS }, (_, index) => join(directory.node(index), "database"));
  await mkdir(directory.node(0), { recursive: true });
  const store = await openLevelStore(first!);
  try {
    await store.commit(blockCommit(builder.start, builder.start.block, EMPTY_CERTIFICATE));
    while (builder.notes.length < count) {
      const wanted = Math.ceil((count - builder.notes.length) / (TX_OUTPUTS_MAX - 1));
      const parts = new Array<bigint>(TX_OUTPUTS_MAX).fill(COIN);
      // The first output of a split has what is left; the others are too small to be split again.
      builder.notes = builder.notes.toSorted((left, right) => Number(right.amount - left.amount));
      const spent = builder.take(Math.min(SPLITS_PER_BLOCK, wanted));
      const splits = spent.map((note) => builder.transfer([note], parts));
      const block = builder.build(splits.map(({ transaction }) => transaction));
      const result = builder.execute(block);
      if (!result.ok) throw new Error(`a split is refused: ${result.rule}`);
      const firstLeaf = builder.tip.header.nextLeaf;
      const made = splits.flatMap(({ makes }) => makes);
      builder.notes.push(...made.map((coin, index) => ({ ...coin, leaf: leafIndex(firstLeaf + index) })));
      const certificate = builder.commit(result);
      await store.commit(blockCommit(result, block, certificate));
    }
  } finally {
    await store.close();
  }
  for (const other of others) await cp(first!, other, { recursive: true });
  say(`${builder.tip.header.height} blocks with ${builder.notes.length} coins`);
  const notes = builder.notes.slice(0, count);
  const payments = await makePayments({ notes, params, time }, availableParallelism(), say);
  const parts = payments.flatMap((payment) => [u32(payment.length), payment]);
  await writeFile(join(path, PAYMENTS_FILE), concatBytes(...parts));
}

/** Encoded transactions that {@link preparePayments} left in a folder. */
export async function readPayments(path: string): Promise<readonly Uint8Array[]> {
  const bytes = new Uint8Array(await readFile(join(path, PAYMENTS_FILE)));
  const lengths = new DataView(bytes.buffer);
  const payments: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = lengths.getUint32(offset, true);
    payments.push(bytes.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return payments;
}
