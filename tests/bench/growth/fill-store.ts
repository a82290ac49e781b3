import { createCipheriv } from "node:crypto";
import { encodeBlock } from "../../../src/core/chain/block.ts";
import { encodeCertificate, type Certificate } from "../../../src/core/chain/certificate.ts";
import { compactRoot, encodeCompactBlock, hashedEntry } from "../../../src/core/chain/compact-block.ts";
import { blockId, encodeHeader, type Header } from "../../../src/core/chain/header.ts";
import { outputHash, type CoinCore } from "../../../src/core/chain/output.ts";
import type { Transfer } from "../../../src/core/chain/transaction.ts";
import { encodeValidatorSet } from "../../../src/core/chain/validator-set.ts";
import { ZERO_SCALAR } from "../../../src/core/crypto/scalar.ts";
import { applyLeaves, assignLeaves } from "../../../src/core/state/apply-block.ts";
import type { ProvenOutput } from "../../../src/core/chain/output.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { hash, type Hash } from "../../../src/core/values/hash.ts";
import { epoch, height, leafIndex, timeMs, type LeafIndex } from "../../../src/core/values/height.ts";
import { encodeBlockRecord } from "../../../src/node/storage/block-record.ts";
import { encodeLeafRecord } from "../../../src/node/storage/leaf-record-bytes.ts";
import type { DiskStore } from "../../../src/node/storage/level-store.ts";
import { SeededNumbers } from "../../support/seeded-numbers.ts";
import type { ChainShape, RawSizes } from "./growth-model.ts";

/** Seats of the main network. */
const SEATS = 100;
/** Accounts, stakes and sets of a hundred validators: what a commit writes of the tip. */
const TIP_BYTES = 35_000;
const OUTPUTS_PER_BLOCK = 400;
/** Blocks of a round of pruning: 16 heights a slice are behind them by then. */
const BLOCKS_PER_EPOCH = 20;
/** A spent output lived for up to so many blocks. */
const HELD_BLOCKS = 10;
/** Keys of the database. */
const KEY = { height: 9, leaf: 6, hash: 33 } as const;

export interface StoreFill {
  readonly outputs: number;
  /** Part of the outputs that stay live. */
  readonly stayingShare: number;
  /** Parts of the chain of which payloads of what lives, the window and blocks are kept. */
  readonly payloadShare: number;
  readonly windowShare: number;
  readonly dayShare: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface FilledStore {
  readonly shape: ChainShape;
  readonly raw: RawSizes;
}

/**
 * Blocks of random coins through the real tree, encodings and database, pruned on their way as a node does it. Nothing
 * is signed or proven: bytes of the same number that compress as little stand for signatures and proofs.
 */
export async function fillStore(store: DiskStore, fill: StoreFill): Promise<FilledStore> {
  const random = randomBytes(fill.seed);
  const numbers = new SeededNumbers(fill.seed);
  const blockCount = Math.ceil(fill.outputs / OUTPUTS_PER_BLOCK);
  const due = new Map<number, LeafIndex[]>();
  const set = Array.from({ length: SEATS }, () => ({ blsKey: random(48), power: 1_000_000 }));
  const setBytes = encodeValidatorSet(set);
  const constants = { valHash: hash32(), nextValHash: hash32(), paramsHash: hash32(), evidenceRoot: hash32() };
  const tip = random(TIP_BYTES);
  let parent: Hash = hash32();
  let certificate = certify();
  let nextLeaf = 0;
  let live = 0;
  const spentAt: number[] = [];
  let raw: RawSizes | undefined;

  for (let at = 0; at < blockCount; at++) {
    const spent = (due.get(at) ?? []).sort((left, right) => left - right);
    due.delete(at);
    spentAt.push(spent.length);
    const transactions = Array.from({ length: OUTPUTS_PER_BLOCK / 2 }, (_, index) =>
      payment(spent.slice(2 * index, 2 * index + 2)),
    );
    const outputs = transactions.flatMap((each) => each.outputs);
    const hashes = outputs.map(({ core }) => outputHash(core));
    const created = assignLeaves(nextLeaf, height(at), outputs, hashes);
    const { changes, root } = applyLeaves(store, spent, created, new Map());
    for (const leaf of created.records.keys()) {
      if (numbers.chance(fill.stayingShare)) continue;
      const end = at + 1 + numbers.between(0, HELD_BLOCKS - 1);
      due.set(end, [...(due.get(end) ?? []), leaf]);
    }
    const firstLeaf = leafIndex(nextLeaf);
    nextLeaf += outputs.length;
    live += outputs.length - spent.length;
    const entries = outputs.map(({ core }, index) => hashedEntry(core, hashes[index]!));
    const compact = { height: height(at), firstLeaf, entries, spent, changed: [] };
    const isEpochEnd = at % BLOCKS_PER_EPOCH === 0;
    const header: Header = {
      ...constants,
      chainId: 1,
      height: height(at),
      round: 0,
      time: timeMs(1_700_000_000_000 + 1_800 * at),
      epoch: epoch(Math.floor(at / BLOCKS_PER_EPOCH)),
      isEpochEnd,
      proposer: at % SEATS,
      prev: parent,
      txsRoot: hash32(),
      compactRoot: compactRoot(compact),
      utxoRoot: root,
      histRoot: hash32(),
      auxRoot: hash32(),
      lastCertHash: hash32(),
      nextLeaf,
      liveCount: live,
      minted: 10n ** 15n + BigInt(5_400_000 * at),
      burned: 0n,
      accrued: BigInt(5_000_000 * at),
      pot: BigInt(1_000_000 * at),
      gammaAcc: ZERO_SCALAR,
      beacon: hash32(),
      beaconSignature: random(96),
    };
    parent = blockId(header);
    const blockBytes = encodeBlock({ header, lastCertificate: certificate, evidence: [], transactions });
    certificate = certify();
    const compactBytes = encodeCompactBlock(compact);
    const headerBytes = encodeHeader(header);
    const { payloads } = created;
    raw ??= rawSizes(
      header,
      certificate,
      compactBytes.length,
      encodeBlockRecord({ block: blockBytes, header: headerBytes, payloads }).length,
    );
    await store.commit({
      height: height(at),
      blockId: parent,
      time: header.time,
      tip,
      header: headerBytes,
      certificate: encodeCertificate(certificate),
      block: blockBytes,
      compact: compactBytes,
      changes,
      payloads,
      rangeProofs: created.rangeProofs,
      cores: created.cores,
      txids: transactions.map(hash32),
      validatorSet: at === 0 ? { hash: constants.nextValHash, bytes: setBytes } : undefined,
      award: undefined,
      boundary: isEpochEnd ? { nextLeaf, keepCount: 2, tail: tip } : undefined,
    });
    if (isEpochEnd) await prune(at, false);
    if (at % Math.ceil(blockCount / 10) === 0) fill.say(`${nextLeaf} of ${fill.outputs} outputs`);
  }
  fill.say("the last of them is pruned");
  await prune(blockCount - 1, true);
  const { blocks, window, payloads } = store.keptFrom();
  const [readable = height(0)] = store.readableBoundaries();
  const windowOutputs = OUTPUTS_PER_BLOCK * (blockCount - window);
  const shape = {
    outputs: nextLeaf,
    live,
    windowOutputs,
    // What stays does so wherever it was made; the rest of what lives was made last.
    windowLive: live - fill.stayingShare * (nextLeaf - windowOutputs),
    recentlySpent: spentAt.slice(readable + 1).reduce((sum, count) => sum + count, 0),
    agedLive: fill.stayingShare * OUTPUTS_PER_BLOCK * (window - payloads),
    windowBlocks: blockCount - window,
    dayOutputs: OUTPUTS_PER_BLOCK * (blockCount - blocks),
    dayBlocks: blockCount - blocks,
    epochs: window / BLOCKS_PER_EPOCH,
    validatorSets: 1,
    transactionsPerOutput: 1 / 2,
  };
  return { shape, raw: raw! };

  function hash32(): Hash {
    return hash(random(32));
  }

  function certify(): Certificate {
    return { round: 0, signers: Array.from({ length: SEATS }, () => true), signature: random(96) };
  }

  function payment(inputs: readonly LeafIndex[]): Transfer & { readonly outputs: readonly ProvenOutput[] } {
    const ephemeralKey = random(32);
    const outputs = [0, 1].map((): ProvenOutput => {
      const [payload, rangeProof] = [random(512), random(576)];
      const core: CoinCore = {
        type: "coin",
        oneTimeKey: random(32),
        commitment: random(32),
        ephemeralKey,
        amountEnc: random(8),
        anchorEnc: random(16),
        viewTag: random(2),
        payloadTag: random(16),
        payloadHash: hash32(),
        rangeProofHash: hash32(),
      };
      return { core, payload, rangeProof };
    });
    return {
      kind: "transfer",
      chainId: 1,
      notBefore: timeMs(0),
      notAfter: timeMs(1_800_000_000_000),
      fee: amount(21_000n),
      gamma: ZERO_SCALAR,
      inputs,
      outputs,
      signatures: inputs.map(() => random(64)),
    };
  }

  async function prune(last: number, isLast: boolean): Promise<void> {
    const from = (share: number) => height(Math.max(0, Math.floor(last - share * blockCount)));
    const keep = {
      blocks: from(fill.dayShare),
      window: from(fill.windowShare),
      payloads: from(fill.payloadShare),
    };
    while (await store.prune(keep, 16));
    await store.reclaim(isLast);
  }
}

/** Sizes of records as they are written here, and of what blocks hold besides outputs. */
function rawSizes(header: Header, certificate: Certificate, compact: number, block: number): RawSizes {
  const certificateBytes = encodeCertificate(certificate).length;
  const empty = { height: height(0), firstLeaf: leafIndex(0), entries: [], spent: [], changed: [] };
  const compactPerBlock = encodeCompactBlock(empty).length + KEY.height;
  const emptyBlock = encodeBlock({ header, lastCertificate: certificate, evidence: [], transactions: [] });
  const headerBytes = encodeHeader(header);
  const blockPerBlock =
    encodeBlockRecord({ block: emptyBlock, header: headerBytes, payloads: new Map() }).length + 2 * KEY.height;
  const core = 203;
  const record = encodeLeafRecord({ height: height(0), core: new Uint8Array(core), stateFields: new Uint8Array(0) });
  // Of each output its entry, of most the five bytes that spend it and, in a transaction, a signature for that.
  const spending = 5;
  const signing = 69;
  return {
    leaf: record.length + KEY.leaf,
    proof: 576 + KEY.leaf,
    payload: 512 + KEY.leaf,
    spentCore: core + KEY.leaf,
    compactPerOutput: (compact - compactPerBlock + KEY.height) / OUTPUTS_PER_BLOCK + spending,
    compactPerBlock,
    header: headerBytes.length + certificateBytes + 2 * KEY.height,
    // The first block spends nothing.
    blockPerOutput: (block - blockPerBlock + 2 * KEY.height) / OUTPUTS_PER_BLOCK + signing + 16,
    blockPerBlock,
    validatorSet: 4 + SEATS * 56 + KEY.hash,
    blockName: KEY.hash + 8,
    transactionPlace: KEY.hash + 10,
  };
}

function randomBytes(seed: number): (size: number) => Uint8Array {
  const stream = createCipheriv("aes-256-ctr", new Uint8Array(32).fill(seed), new Uint8Array(16));
  const zeros = new Uint8Array(TIP_BYTES);
  return (size) => new Uint8Array(stream.update(zeros.subarray(0, size)));
}
