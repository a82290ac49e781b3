import { compareBytes } from "../../src/core/bytes/compare-bytes.ts";
import { beaconMessage } from "../../src/core/chain/beacon.ts";
import type { Block } from "../../src/core/chain/block.ts";
import { EMPTY_CERTIFICATE, type Certificate } from "../../src/core/chain/certificate.ts";
import type { Evidence } from "../../src/core/chain/evidence.ts";
import type { Genesis } from "../../src/core/chain/genesis.ts";
import { devFaucetSeed, devValidatorSeed } from "../../src/core/chain/dev-seeds.ts";
import { outputHash, type CoinOutput, type Output, type StakeCore } from "../../src/core/chain/output.ts";
import { proposer } from "../../src/core/chain/proposer.ts";
import { possessionMessage } from "../../src/core/chain/stake-possession.ts";
import type { Unbond, UnsignedUnbond, UnsignedUnjail, Unjail } from "../../src/core/chain/stake-transaction.ts";
import {
  transactionId,
  transactionWeight,
  type Transaction,
  type Transfer,
  type UnsignedTransfer,
} from "../../src/core/chain/transaction.ts";
import { VOTE_TYPE, voteMessage } from "../../src/core/chain/vote.ts";
import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../src/core/crypto/bls-backend.ts";
import { x25519, X25519_BASE } from "../../src/core/crypto/key-agreement.ts";
import { derivePublicOutput, genesisAnchor } from "../../src/core/crypto/public-output.ts";
import { outputRangeContext } from "../../src/core/crypto/range-proof.ts";
import { proveRange } from "../../src/core/crypto/range-proof-prover.ts";
import { addScalars, subtractScalars, ZERO_SCALAR, type Scalar } from "../../src/core/crypto/scalar.ts";
import { schnorrSign } from "../../src/core/crypto/schnorr.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import { listParams, NETWORK_PARAMS, type NetworkParams } from "../../src/core/params/network-params.ts";
import type { BlockOutcome } from "../../src/core/state/block-outcome.ts";
import { buildBlock, type BlockDraft } from "../../src/core/state/build-block.ts";
import type { BlockRefusal } from "../../src/core/state/block-refusal.ts";
import { examineBlock } from "../../src/core/state/examine-block.ts";
import { executeBlock } from "../../src/core/state/execute-block.ts";
import { exactFee, type FeeFactor } from "../../src/core/state/fees.ts";
import { genesisTip, type GenesisResult } from "../../src/core/state/genesis-tip.ts";
import type { ProvenOutput } from "../../src/core/chain/output.ts";
import type { LedgerDeps } from "../../src/core/state/ledger-deps.ts";
import { isEpochEndNext, nextEpoch, nextHeight, type LedgerTip } from "../../src/core/state/ledger-tip.ts";
import { withBoundary, type SeatHistory } from "../../src/core/state/seat-history.ts";
import { verifyClaims } from "../../src/core/state/spend-claims.ts";
import { amount } from "../../src/core/values/amount.ts";
import { leafIndex, timeMs, type LeafIndex, type TimeMs } from "../../src/core/values/height.ts";
import { DEV_FAUCET_OUTPUT_AMOUNT, devGenesis } from "../../src/core/wallet/dev-genesis.ts";
import { deriveAccount, deriveAddress, deriveOutputSecret } from "../../src/core/wallet/keys.ts";
import { buildOwnCoin } from "../../src/core/wallet/output-secrets.ts";
import { fakeBls } from "./fake-bls.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import { seededRandom } from "./test-random.ts";
import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import type { CompactEntry } from "../../src/core/chain/compact-block.ts";
import { testCurve as curve } from "./test-curve.ts";

const wallet = deriveAccount(curve, devFaucetSeed(), 0);
export const home = deriveAddress(curve, wallet.view, 0);
const GENESIS_TIME = timeMs(1_700_000_000_000);

/** An output the tests can open; as a note it has its number. */
export interface TestCoin {
  readonly output: Output;
  readonly amount: bigint;
  readonly blinding: Scalar;
  readonly secret: Scalar;
}
export interface TestNote extends TestCoin {
  readonly leaf: LeafIndex;
}
export interface TestTransfer {
  readonly transaction: Transfer;
  readonly spends: readonly TestNote[];
  /** In transaction order. */
  readonly makes: readonly TestCoin[];
}

export interface TransferOptions {
  readonly factor?: FeeFactor;
  /** Instead of the exact one. */
  readonly fee?: bigint;
  readonly notBefore?: TimeMs;
  readonly notAfter?: TimeMs;
  readonly chainId?: number;
  /** Instead of sorting by hash. */
  readonly keepOrder?: boolean;
}

export interface LedgerOptions {
  readonly bls?: BlsBackend;
  /** Makes coins, proofs and signatures and checks them; noble by default. */
  readonly curve?: CurveBackend;
  readonly params?: Partial<NetworkParams>;
  readonly validatorCount?: number;
  /** When the chain begins; by default long ago. */
  readonly time?: TimeMs;
  /** Real range proofs, about 60 ms each; otherwise random bytes that the ledger is told to believe. */
  readonly proofs?: boolean;
  readonly label?: string;
  /** Notes to begin with. */
  readonly noteCount?: number;
  readonly isRangeProofVerified?: (output: ProvenOutput) => boolean;
}

interface Start {
  readonly genesis: Genesis;
  readonly result: Extract<GenesisResult, { ok: true }>;
}
const starts = new Map<string, Start>();

/** The first blocks are values, so tests share them: checking a genesis takes seconds. */
function startOf(
  bls: BlsBackend,
  params: NetworkParams,
  time: TimeMs,
  validatorCount: number,
  noteCount: number,
): Start {
  const name = JSON.stringify([bls.name, listParams(params).map(String), time, validatorCount, noteCount]);
  const known = starts.get(name);
  if (known !== undefined) return known;
  const whole = devGenesis({ curve, bls }, { time, params, validatorCount });
  const genesis = { ...whole, outputs: whole.outputs.slice(0, validatorCount + noteCount) };
  const result = genesisTip({ curve, bls }, genesis);
  if (!result.ok) throw new Error(`genesis refused: ${result.rule}`);
  const start = { genesis, result };
  starts.set(name, start);
  return start;
}

/** A ledger in memory with the dev genesis under it, and a wallet that owns the faucet's coins. */
export class LedgerBuilder {
  readonly deps: LedgerDeps;
  readonly genesis: Genesis;
  readonly ledger = new MemoryLedger();
  /** Block 0 as a store takes it. */
  readonly start: Start["result"];
  readonly random;
  /** Whether coins get real range proofs from now on. */
  proofs: boolean;
  tip: LedgerTip;
  lastCertificate: Certificate = EMPTY_CERTIFICATE;
  /** Unspent and ours, oldest first. */
  notes: TestNote[];

  constructor(options: LedgerOptions = {}) {
    const bls = options.bls ?? fakeBls;
    this.deps = {
      curve: options.curve ?? curve,
      bls,
      seatHistory: [],
      isRangeProofVerified: options.isRangeProofVerified ?? (() => true),
    };
    this.random = seededRandom(options.label ?? "ledger");
    this.proofs = options.proofs ?? false;
    const validatorCount = options.validatorCount ?? 4;
    const noteCount = options.noteCount ?? 12;
    const params = { ...NETWORK_PARAMS.dev, ...options.params };
    const { genesis, result } = startOf(bls, params, options.time ?? GENESIS_TIME, validatorCount, noteCount);
    this.genesis = genesis;
    this.start = result;
    this.tip = result.tip;
    this.ledger.apply(result.changes);
    this.#remember();
    this.notes = Array.from({ length: noteCount }, (_, index) => {
      const leaf = validatorCount + index;
      const keys = derivePublicOutput(curve, home, DEV_FAUCET_OUTPUT_AMOUNT, genesisAnchor(leaf))!;
      return {
        leaf: leafIndex(leaf),
        output: { core: genesis.outputs[leaf]! },
        amount: DEV_FAUCET_OUTPUT_AMOUNT,
        blinding: ZERO_SCALAR,
        secret: deriveOutputSecret(curve, wallet, 0, keys.keyOffset),
      };
    });
  }

  get seatHistory(): SeatHistory {
    return this.deps.seatHistory;
  }

  #remember(): void {
    Object.assign(this.deps, { seatHistory: withBoundary(this.deps.seatHistory, this.tip) });
  }

  /** D of a transaction whose outputs are all our own. */
  ephemeralKey(): Uint8Array {
    return x25519(this.deps.curve, this.random.bytes(32), X25519_BASE);
  }

  /** A coin to ourselves, by default under a D of its own. */
  coin(value: bigint, ephemeralKey = this.ephemeralKey(), n = 0): TestCoin & { readonly output: CoinOutput } {
    const { fields, blinding, keyOffset } = buildOwnCoin(
      this.deps.curve,
      wallet.view.viewAllSecret,
      ephemeralKey,
      home,
      amount(value),
      n,
    );
    const payload = this.random.bytes(512);
    const context = outputRangeContext(0, fields.oneTimeKey, fields.ephemeralKey);
    const witness = { chainId: this.tip.chain.chainId, context, values: [value], blindings: [blinding] };
    const rangeProof = this.proofs ? proveRange(this.deps.curve, witness, this.random).proof : this.random.bytes(576);
    const core = {
      type: "coin" as const,
      ...fields,
      payloadTag: this.random.bytes(16),
      payloadHash: sha256Hash(payload),
      rangeProofHash: sha256Hash(rangeProof),
    };
    return {
      output: { core, payload, rangeProof },
      amount: value,
      blinding,
      secret: deriveOutputSecret(curve, wallet, 0, keyOffset),
    };
  }

  /** A public output to ourselves (PU-1). */
  publicCoin(value: bigint): TestCoin {
    const anchor = this.random.bytes(16);
    const keys = derivePublicOutput(this.deps.curve, home, value, anchor)!;
    const { oneTimeKey, ephemeralKey, viewTag } = keys;
    const reference = this.random.bytes(32);
    const core = {
      type: "public" as const,
      oneTimeKey,
      amount: amount(value),
      ephemeralKey,
      viewTag,
      recipient: home,
      anchor,
      reference,
    };
    const secret = deriveOutputSecret(curve, wallet, 0, keys.keyOffset);
    return { output: { core }, amount: value, blinding: ZERO_SCALAR, secret };
  }

  /** A stake of ours on the key of a seed (ST-1); ours is whoever holds `secret`. */
  stake(value: bigint, seed: Uint8Array, change: Partial<StakeCore> = {}): TestCoin {
    const { output, secret } = this.coin(value);
    const { oneTimeKey, ephemeralKey, viewTag } = output.core;
    const unproven: StakeCore = {
      type: "stake",
      oneTimeKey,
      amount: amount(value),
      ephemeralKey,
      viewTag,
      blsKey: this.deps.bls.publicKey(seed),
      possessionProof: new Uint8Array(96),
      reward: home,
      ...change,
    };
    const message = possessionMessage(this.tip.chain.chainId, unproven);
    const core = { ...unproven, possessionProof: this.deps.bls.prove(seed, message), ...change };
    return { output: { core }, amount: value, blinding: ZERO_SCALAR, secret };
  }

  /** What the owner of a stake sends to have it back (kind 3). */
  unbond(stake: TestNote, change: Partial<UnsignedUnbond> = {}): Unbond {
    const fee = amount(this.fee([stake.output], 0) / 2n);
    const unsigned: UnsignedUnbond = {
      kind: "unbond",
      chainId: this.tip.chain.chainId,
      stake: stake.leaf,
      fee,
      ...change,
    };
    const signature = schnorrSign(curve, stake.secret, transactionId(unsigned), this.random.bytes(32));
    return { ...unsigned, signature };
  }

  /** What a jailed key sends (kind 4). */
  unjail(seed: Uint8Array, change: Partial<UnsignedUnjail> = {}): Unjail {
    const { chain } = this.tip;
    const unsigned: UnsignedUnjail = {
      kind: "unjail",
      chainId: chain.chainId,
      blsKey: this.deps.bls.publicKey(seed),
      epoch: nextEpoch(this.tip),
      ...change,
    };
    return { ...unsigned, signature: this.deps.bls.sign(seed, transactionId(unsigned)) };
  }

  /** Locks coins in one block: each note becomes a stake of an amount, the rest change. */
  lock(stakes: readonly TestCoin[]): readonly TestNote[] {
    const transfers = stakes.map((stake) => {
      const [note] = this.take(1);
      const fee = this.fee([stake.output, { core: { type: "coin" } } as Output], 1);
      return this.transferInto([note!], [stake, this.coin(note!.amount - stake.amount - fee)], { fee });
    });
    this.extend(transfers);
    const made = this.notes.filter(({ output }) => output.core.type === "stake");
    this.notes = this.notes.filter(({ output }) => output.core.type !== "stake");
    return made;
  }

  /** Signs whatever it is given, so that a test can break one rule and keep the rest. */
  sign(unsigned: UnsignedTransfer, secrets: readonly Scalar[]): Transfer {
    const txid = transactionId(unsigned);
    return {
      ...unsigned,
      signatures: secrets.map((secret) => schnorrSign(this.deps.curve, secret, txid, this.random.bytes(32))),
    };
  }

  /** The exact fee of a transfer with these outputs now (TX-8). */
  fee(outputs: readonly Output[], inputCount: number, factor: FeeFactor = 1): bigint {
    const weight = transactionWeight({ outputs });
    return exactFee(this.tip.chain.params, this.tip.aux.epoch, factor, weight, inputCount);
  }

  /** A transfer of these notes into these coins; gamma follows from the blindings, balanced or not. */
  transferInto(spends: readonly TestNote[], coins: readonly TestCoin[], options: TransferOptions = {}): TestTransfer {
    const sum = (parts: readonly TestCoin[]): Scalar =>
      parts.reduce((total, each) => addScalars(total, each.blinding), ZERO_SCALAR);
    const hashed = coins.map((coin) => ({ coin, hash: outputHash(coin.output.core) }));
    if (options.keepOrder !== true) hashed.sort((left, right) => compareBytes(left.hash, right.hash));
    const makes = hashed.map(({ coin }) => coin);
    const outputs = makes.map(({ output }) => output);
    const inputs = [...spends].sort((left, right) => left.leaf - right.leaf);
    const unsigned: UnsignedTransfer = {
      kind: "transfer",
      chainId: options.chainId ?? this.tip.chain.chainId,
      notBefore: options.notBefore ?? timeMs(0),
      notAfter: options.notAfter ?? timeMs(this.genesis.time + 10 ** 10),
      fee: amount(options.fee ?? this.fee(outputs, inputs.length, options.factor)),
      gamma: subtractScalars(sum(inputs), sum(makes)),
      inputs: inputs.map(({ leaf }) => leaf),
      outputs,
    };
    const transaction = this.sign(
      unsigned,
      inputs.map(({ secret }) => secret),
    );
    return { transaction, spends: inputs, makes };
  }

  /** Splits notes into coins of these amounts; the first output also takes what is left after the fee. */
  transfer(
    spends: readonly TestNote[],
    amounts: readonly bigint[] = [0n, 1_000n],
    options: TransferOptions = {},
  ): TestTransfer {
    const total = spends.reduce((sum, note) => sum + note.amount, 0n);
    const weights = amounts.map(() => ({ core: { type: "coin" } }) as Output);
    const fee = options.fee ?? this.fee(weights, spends.length, options.factor);
    const rest = total - fee - amounts.reduce((sum, part) => sum + part, 0n);
    const coins = amounts.map((part, index) => this.coin(index === 0 ? part + rest : part));
    return this.transferInto(spends, coins, { ...options, fee });
  }

  /** Takes the oldest notes off the list. */
  take(count: number): readonly TestNote[] {
    const taken = this.notes.slice(0, count);
    if (taken.length < count) throw new Error("out of notes");
    this.notes = this.notes.slice(count);
    return taken;
  }

  draft(
    transactions: readonly Transaction[],
    options: { readonly afterMs?: number; readonly round?: number; readonly evidence?: readonly Evidence[] } = {},
  ): BlockDraft {
    const { tip } = this;
    const round = options.round ?? 0;
    const seat = proposer(tip.epochSeed, nextHeight(tip), round, tip.nextValidators);
    const message = beaconMessage(tip.chain.chainId, nextHeight(tip), tip.header.beacon);
    return {
      time: timeMs(tip.header.time + (options.afterMs ?? 1_000)),
      round,
      proposer: seat,
      beaconSignature: this.deps.bls.sign(this.seedOf(tip.nextValidators[seat]!.blsKey), message),
      lastCertificate: this.lastCertificate,
      evidence: options.evidence ?? [],
      transactions,
    };
  }

  /** A block of exactly these transactions; throws if one does not fit, so a test cannot lose it silently. */
  build(
    transactions: readonly Transaction[],
    options: { readonly afterMs?: number; readonly round?: number; readonly evidence?: readonly Evidence[] } = {},
  ): Block {
    const built = buildBlock(this.deps, this.tip, this.ledger, this.draft(transactions, options));
    if (!built.ok) throw new Error(`not built: ${built.rule}`);
    if (built.refused.length > 0) throw new Error(`refused: ${built.refused.map(({ rule }) => rule).join()}`);
    return built.block;
  }

  /** The rule a block with these transactions breaks, or "kept"; the block is otherwise sound. */
  ruleOf(transactions: readonly Transaction[]): string {
    const frame = this.build([]);
    const result = this.execute({ ...frame, transactions });
    // Roots of the frame do not fit the transactions, so getting as far as the roots means that all were accepted.
    if (result.ok || result.field === "txsRoot") return "kept";
    return result.rule;
  }

  /** All three parts of a block's judgement. */
  execute(block: Block): ({ readonly ok: true } & BlockOutcome) | BlockRefusal {
    const examined = examineBlock(this.deps, this.tip, this.ledger, block);
    if (!examined.ok) return examined;
    const rules = verifyClaims(this.deps, examined.claims, this.random);
    const rule = rules.find((each) => each !== undefined);
    return rule === undefined ? executeBlock(this.deps.curve, this.tip, this.ledger, examined) : { ok: false, rule };
  }

  /** Makes the outcome of a block final, with precommits of these seats. */
  commit(outcome: BlockOutcome, seats?: readonly number[]): Certificate {
    this.ledger.apply(outcome.changes);
    this.tip = outcome.tip;
    if (this.tip.header.isEpochEnd) this.#remember();
    this.lastCertificate = this.certify(seats);
    return this.lastCertificate;
  }

  /** Precommits of these seats (default: all) for the block of the tip. */
  certify(seats?: readonly number[]): Certificate {
    const { chain, header, blockId, validators } = this.tip;
    const message = voteMessage(chain.chainId, VOTE_TYPE.precommit, header.height, 0, blockId);
    const signers = validators.map((_, seat) => seats === undefined || seats.includes(seat));
    const keys = validators.filter((_, seat) => signers[seat]).map(({ blsKey }) => blsKey);
    const signature = this.deps.bls.aggregate(keys.map((key) => this.deps.bls.sign(this.seedOf(key), message)));
    return { round: 0, signers, signature: signature! };
  }

  /** Builds, executes and commits a block; its new coins become notes. */
  extend(
    transfers: readonly { readonly transaction: Transaction; readonly makes: readonly TestCoin[] }[] = [],
    options: {
      readonly afterMs?: number;
      readonly round?: number;
      readonly seats?: readonly number[];
      readonly evidence?: readonly Evidence[];
    } = {},
  ): BlockOutcome {
    const block = this.build(
      transfers.map(({ transaction }) => transaction),
      options,
    );
    const result = this.execute(block);
    if (!result.ok) throw new Error(`not executed: ${result.rule} ${result.field ?? ""}`);
    const made = transfers.flatMap(({ makes }) => makes);
    // BL-2: what packets give stands before what transactions make.
    const firstLeaf = this.tip.header.nextLeaf + countBefore(result.compact.entries, made);
    this.notes = [...this.notes, ...made.map((coin, index) => ({ ...coin, leaf: leafIndex(firstLeaf + index) }))];
    this.commit(result, options.seats);
    return result;
  }

  /** Empty blocks until one has ended an epoch. */
  extendToBoundary(): BlockOutcome {
    for (;;) {
      const isEnd = isEpochEndNext(this.tip);
      const outcome = this.extend([], { afterMs: isEnd ? 1_000 : this.tip.chain.params.epochMs });
      if (isEnd) return outcome;
    }
  }

  seedOf(blsKey: Uint8Array): Uint8Array {
    for (let index = 0; index < 16; index++) {
      const seed = devValidatorSeed(index);
      if (compareBytes(this.deps.bls.publicKey(seed), blsKey) === 0) return seed;
    }
    throw new Error("not a dev validator");
  }
}

/** How many outputs stand before the first of these in a block. */
function countBefore(entries: readonly CompactEntry[], [first]: readonly TestCoin[]): number {
  if (first === undefined) return 0;
  const hash = outputHash(first.output.core);
  return entries.findIndex((entry) => equalBytes(entry.outputHash, hash));
}
