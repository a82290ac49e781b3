import { beaconMessage } from "../../../src/core/chain/beacon.ts";
import { EMPTY_CERTIFICATE, type Certificate } from "../../../src/core/chain/certificate.ts";
import { devValidatorSeed } from "../../../src/core/chain/dev-seeds.ts";
import type { Genesis } from "../../../src/core/chain/genesis.ts";
import { isCoinOutput, outputHash, type Output } from "../../../src/core/chain/output.ts";
import { proposer } from "../../../src/core/chain/proposer.ts";
import type { Transfer } from "../../../src/core/chain/transaction.ts";
import { VOTE_TYPE, voteMessage } from "../../../src/core/chain/vote.ts";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import { subtractScalars, ZERO_SCALAR, type Scalar } from "../../../src/core/crypto/scalar.ts";
import { BLOCK_INPUTS_MAX, BLOCK_NEW_OUTPUTS_MAX } from "../../../src/core/params/limits.ts";
import type { FullNodeStore } from "../../../src/core/ports/full-node-store.ts";
import { applyBlock } from "../../../src/core/state/apply-block.ts";
import { NO_PACKET_DRAWS } from "../../../src/core/state/draw-packets.ts";
import { blockCommit } from "../../../src/core/state/block-outcome.ts";
import { genesisTip } from "../../../src/core/state/genesis-tip.ts";
import { nextHeight, type LedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { leafIndex, timeMs, type Height, type LeafIndex, type TimeMs } from "../../../src/core/values/height.ts";
import { hashOf } from "../../support/block-commits.ts";
import { SeededNumbers } from "../../support/seeded-numbers.ts";
import { ManyOutputs, type KnownPayment } from "./many-outputs.ts";
import { provenCoins } from "./proven-coins.ts";

/** Between two blocks of a filled chain, unless another pace is asked for. */
const FILL_BLOCK_MS = 1_000;

export interface FillOptions {
  /** How many outputs are live in the end, those of genesis not counted; even. */
  readonly liveCount: number;
  /** For each output that stays, this many are made and spent before the end. */
  readonly spentPerLive?: number;
  /** Spread evenly over the chain, never spent; each is the first output of a block's transactions. */
  readonly payments?: readonly KnownPayment[];
  /** Store 512 bytes for each output as a node does for the first days. */
  readonly hasPayloads?: boolean;
  /**
   * Every output is a coin with one of so many real range proofs, and the supply is right (SU-3): no payments then, and
   * nothing spent.
   */
  readonly provenCoins?: number;
  /** Instead of full blocks, one a second. */
  readonly pace?: { readonly blockMs: number; readonly outputsPerBlock: number };
  /** The chain ends where the last output was made or spent, though no epoch does. */
  readonly endsInEpoch?: boolean;
  readonly seed?: number;
  readonly say?: (line: string) => void;
}

export interface FilledChain {
  /** The last block, which ends an epoch unless that was not asked for. */
  readonly boundary: Height;
  readonly time: TimeMs;
  readonly nextLeaf: number;
  /** Of the known payments, in their order. */
  readonly paidLeaves: readonly LeafIndex[];
}

/** How many blocks {@link fillChain} makes. */
export function fillBlockCount(options: FillOptions, epochMs: number): number {
  const { blockMs, outputsPerBlock } = paceOf(options);
  const filling = Math.ceil(outputCount(options) / outputsPerBlock) + clearingBlocks(options);
  let epochStart = 0;
  for (let count = 1; ; count++) {
    // CO-2: whether a block ends its epoch follows from its parent's time.
    const isEpochEnd = (count - 1) * blockMs >= epochStart + epochMs;
    if (isEpochEnd) epochStart = count * blockMs;
    if ((isEpochEnd || options.endsInEpoch === true) && count >= filling) return count;
  }
}

/** From the genesis to the last block: a genesis dated so long ago makes the chain end now. */
export function fillSpanMs(options: FillOptions, epochMs: number): number {
  return paceOf(options).blockMs * fillBlockCount(options, epochMs);
}

const paceOf = ({ pace }: FillOptions): NonNullable<FillOptions["pace"]> =>
  pace ?? { blockMs: FILL_BLOCK_MS, outputsPerBlock: BLOCK_NEW_OUTPUTS_MAX };

/** Even, since outputs come in pairs. */
const spentCount = ({ liveCount, spentPerLive = 0 }: FillOptions): number =>
  2 * Math.floor((liveCount * spentPerLive) / 2);
const outputCount = (options: FillOptions): number => options.liveCount + spentCount(options);
/** Blocks that only spend: what the last of the others made. */
const clearingBlocks = (options: FillOptions): number => Math.ceil(spentCount(options) / BLOCK_INPUTS_MAX);

/**
 * Fills an empty store with the chain of a dev genesis whose blocks make outputs by the thousand. State, tree,
 * headers, compact data, beacon and certificates are those of a real node; the transactions are not: nobody signed
 * them and nothing balances. A node goes on from there, and a light client may begin at the last block.
 */
export async function fillChain(
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend },
  store: FullNodeStore,
  genesis: Genesis,
  options: FillOptions,
): Promise<FilledChain> {
  const made = genesisTip(deps, genesis);
  if (!made.ok) throw new Error(`genesis refused: ${made.rule}`);
  await store.commit(blockCommit(made, made.block, EMPTY_CERTIFICATE));
  const { payments = [], say = () => undefined } = options;
  const { blockMs, outputsPerBlock } = paceOf(options);
  const provenCount = options.provenCoins ?? 0;
  if (provenCount > 0 && (payments.length > 0 || spentCount(options) > 0))
    throw new RangeError("a chain of proven coins holds nothing else");
  const proven = provenCoins(deps.curve, genesis.chainId, options.seed ?? 1, provenCount);
  const blindings = new Map(proven.map(({ rangeProof, blinding }) => [rangeProof, blinding]));
  const outputs = new ManyOutputs(deps.curve, options.seed ?? 1, options.hasPayloads ?? false, proven);
  const numbers = new SeededNumbers(options.seed ?? 1);
  const seeds = new Map(
    Array.from({ length: genesis.params.maxValidators }, (_, index) => devValidatorSeed(index)).map((seed) => [
      formatHex(deps.bls.publicKey(seed)),
      seed,
    ]),
  );
  const blockCount = fillBlockCount(options, genesis.params.epochMs);
  const total = outputCount(options);
  const paidLeaves: LeafIndex[] = [];
  const spendable: LeafIndex[] = [];
  let tip = made.tip;
  let certificate = EMPTY_CERTIFICATE;
  let left = total;
  let toSpend = spentCount(options);
  while (tip.header.height < blockCount) {
    const made: Output[] = [];
    const count = Math.min(left, outputsPerBlock);
    for (let index = 0; index < count; index += 2) {
      const isDue = paidLeaves.length < payments.length && total - left + index >= dueAt(paidLeaves.length);
      const leaf = leafIndex(tip.header.nextLeaf + index);
      made.push(...outputs.pair(isDue ? payments[paidLeaves.length] : undefined));
      if (isDue) paidLeaves.push(leaf);
    }
    const spent = takeSpent();
    const firstLeaf = tip.header.nextLeaf;
    const gamma = made.filter(isCoinOutput).reduce((sum, { rangeProof }) => {
      return subtractScalars(sum, blindings.get(rangeProof) ?? ZERO_SCALAR);
    }, ZERO_SCALAR);
    const content = {
      blockMs,
      outputs: made,
      spent,
      gamma,
      hasPayloads: options.hasPayloads ?? false,
      hasProofs: provenCount > 0,
    };
    ({ tip, certificate } = await extend(deps, store, tip, certificate, seeds, content));
    const paid = new Set(paidLeaves);
    for (let index = 0; index < made.length && toSpend > 0; index++) {
      const leaf = leafIndex(firstLeaf + index);
      if (!paid.has(leaf)) spendable.push(leaf);
    }
    left -= count;
    if (tip.header.height % 50 === 0) say(`${total - left} of ${total} outputs`);
  }
  if (left > 0 || toSpend > 0 || paidLeaves.length < payments.length) throw new Error("the blocks did not suffice");
  const { height: boundary, time, nextLeaf } = tip.header;
  return { boundary, time, nextLeaf, paidLeaves };

  /** Where in the chain the n-th payment stands. */
  function dueAt(index: number): number {
    return Math.floor((index / payments.length) * total);
  }

  function takeSpent(): ReadonlySet<LeafIndex> {
    const spent = new Set<LeafIndex>();
    const most = Math.min(toSpend, spendable.length, BLOCK_INPUTS_MAX);
    for (let index = 0; index < most; index++) {
      const place = numbers.between(0, spendable.length - 1);
      spent.add(spendable[place]!);
      spendable[place] = spendable.at(-1)!;
      spendable.pop();
    }
    toSpend -= spent.size;
    return spent;
  }
}

async function extend(
  { curve, bls }: { readonly curve: CurveBackend; readonly bls: BlsBackend },
  store: FullNodeStore,
  tip: LedgerTip,
  lastCertificate: Certificate,
  seeds: ReadonlyMap<string, Uint8Array>,
  content: {
    readonly blockMs: number;
    readonly outputs: readonly Output[];
    readonly spent: ReadonlySet<LeafIndex>;
    /** So that the sum of what lives stays right. */
    readonly gamma: Scalar;
    readonly hasPayloads: boolean;
    readonly hasProofs: boolean;
  },
): Promise<{ readonly tip: LedgerTip; readonly certificate: Certificate }> {
  const at = nextHeight(tip);
  const { chainId } = tip.chain;
  const seat = proposer(tip.epochSeed, at, 0, tip.nextValidators);
  const seedOf = (blsKey: Uint8Array): Uint8Array => seeds.get(formatHex(blsKey))!;
  const transaction = transactionOf(content.outputs, content.gamma);
  const txid = hashOf("filling transaction", at);
  const outputHashes = content.outputs.map(({ core }) => outputHash(core));
  const outcome = applyBlock(curve, tip, store, {
    time: timeMs(tip.header.time + content.blockMs),
    round: 0,
    proposer: seat,
    beaconSignature: bls.sign(seedOf(tip.nextValidators[seat]!.blsKey), beaconMessage(chainId, at, tip.header.beacon)),
    lastCertificate,
    evidence: [],
    convicted: [],
    transactions: content.outputs.length === 0 ? [] : [{ transaction, txid, outputHashes, weight: 0 }],
    spent: content.spent,
    packets: NO_PACKET_DRAWS,
  });
  const { header, blockId, validators } = outcome.tip;
  const message = voteMessage(chainId, VOTE_TYPE.precommit, at, 0, blockId);
  const signatures = validators.map(({ blsKey }) => bls.sign(seedOf(blsKey), message));
  const certificate = { round: 0, signers: validators.map(() => true), signature: bls.aggregate(signatures)! };
  // No node could check the transactions, so the stored block holds none; proofs would be noise where none is real.
  const block = { header, lastCertificate, evidence: [], transactions: [] };
  const commit = blockCommit(outcome, block, certificate);
  const { payloads, rangeProofs } = commit;
  await store.commit({
    ...commit,
    payloads: content.hasPayloads ? payloads : new Map(),
    rangeProofs: content.hasProofs ? rangeProofs : new Map(),
  });
  return { tip: outcome.tip, certificate };
}

function transactionOf(outputs: readonly Output[], gamma: Scalar): Transfer {
  return {
    kind: "transfer",
    chainId: 0,
    notBefore: timeMs(0),
    notAfter: timeMs(0),
    fee: amount(0n),
    gamma,
    inputs: [],
    outputs,
    signatures: [],
  };
}
