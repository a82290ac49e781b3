import { EMPTY_CERTIFICATE, encodeCertificate, type Certificate } from "../chain/certificate.ts";
import { encodeEvidence, type Evidence } from "../chain/evidence.ts";
import { encodeTransaction, inputsOf, outputsOf, type Transaction } from "../chain/transaction.ts";
import { isProvenOutput } from "../chain/output.ts";
import { validateForm, validateOutputForms, type ValidTransaction } from "../chain/validate-transaction.ts";
import { BLOCK_INPUTS_MAX, BLOCK_TRANSACTIONS_MAX, HEADER_SIZE, VALIDATORS_MAX } from "../params/limits.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { Hash } from "../values/hash.ts";
import type { LeafIndex } from "../values/height.ts";
import { broken, RULE_KEPT, type RuleResult } from "../values/rule-number.ts";
import type { LedgerDeps } from "./ledger-deps.ts";
import { BlockStakes } from "./block-stakes.ts";
import { BlockPackets } from "./block-packets.ts";
import { drawPackets, type PacketDraws } from "./draw-packets.ts";
import { examineEvidence } from "./examine-evidence.ts";
import { factorOf } from "./fees.ts";
import type { LedgerTip } from "./ledger-tip.ts";
import { evidenceClaims, spendClaims, type SpendClaims } from "./spend-claims.ts";
import { resolveInputs, validateWindow } from "./validate-spend.ts";

/** Room of one block in its several measures (0.5). */
export interface BlockRoom {
  readonly transactions: number;
  readonly weight: number;
  readonly inputs: number;
  readonly bytes: number;
}

export interface BlockShare {
  readonly weight: number;
  readonly inputs: number;
  readonly bytes: number;
}

/** Bytes in front of each transaction of a block: its length. */
const LENGTH_SIZE = 4;
/** Counts of evidence and transactions in a block. */
const COUNTS_SIZE = 3;

/** Bytes of a block around its transactions. */
export function blockOverhead(lastCertificate: Certificate, evidence: readonly Evidence[]): number {
  const evidenceSize = evidence.reduce((sum, each) => sum + encodeEvidence(each).length, 0);
  return HEADER_SIZE + encodeCertificate(lastCertificate).length + COUNTS_SIZE + evidenceSize;
}

/** What is left for transactions beside `overheadBytes` of header, certificate, evidence and counts. */
export function fullRoom(params: NetworkParams, overheadBytes: number): BlockRoom {
  return {
    transactions: BLOCK_TRANSACTIONS_MAX,
    weight: params.maxBlockOutputs,
    inputs: BLOCK_INPUTS_MAX,
    bytes: params.maxBlockBytes - overheadBytes,
  };
}

/** The room after one more transaction; undefined if it does not fit. */
export function takeRoom(room: BlockRoom, share: BlockShare): BlockRoom | undefined {
  const rest = {
    transactions: room.transactions - 1,
    weight: room.weight - share.weight,
    inputs: room.inputs - share.inputs,
    bytes: room.bytes - share.bytes - LENGTH_SIZE,
  };
  return Math.min(rest.transactions, rest.weight, rest.inputs, rest.bytes) < 0 ? undefined : rest;
}

/** What a block has beside its transactions where the largest set has certified the one before. */
const LARGEST_OVERHEAD = blockOverhead(
  { ...EMPTY_CERTIFICATE, signers: new Array<boolean>(VALIDATORS_MAX).fill(true) },
  [],
);

/** Does a block that holds nothing else have room for it (0.5)? It is the same for every node of a chain, at any height. */
export function fitsBlock(params: NetworkParams, share: BlockShare): boolean {
  return takeRoom(fullRoom(params, LARGEST_OVERHEAD), share) !== undefined;
}

/** The transactions of a block being executed or built, one after another (TX-10). */
export class BlockTransactions {
  readonly #deps: LedgerDeps;
  readonly #tip: LedgerTip;
  readonly #reader: LedgerReader;
  readonly #accepted: ValidTransaction[] = [];
  readonly #claims: SpendClaims[] = [];
  readonly #spent = new Set<LeafIndex>();
  readonly #stakes: BlockStakes;
  readonly #draws: PacketDraws;
  readonly #packets: BlockPackets;
  readonly #evidence: Evidence[] = [];
  readonly #convicted: Uint8Array[] = [];
  #room: BlockRoom;
  #nextLeaf: number;

  /** `beacon` is that of the block: it draws the claims of two blocks ago before any transaction (BL-2). */
  constructor(deps: LedgerDeps, tip: LedgerTip, reader: LedgerReader, beacon: Hash, overheadBytes: number) {
    this.#deps = deps;
    this.#tip = tip;
    this.#draws = drawPackets(deps.curve, tip, reader, beacon);
    this.#packets = new BlockPackets(tip, reader, this.#draws);
    this.#stakes = new BlockStakes(tip);
    this.#reader = reader;
    this.#room = fullRoom(tip.chain.params, overheadBytes);
    this.#nextLeaf = tip.header.nextLeaf + this.#draws.outputs.length;
  }

  get accepted(): readonly ValidTransaction[] {
    return this.#accepted;
  }

  /** What is still to be shown of evidence and the accepted ones, in block order; nothing for those that need no more. */
  get claims(): readonly SpendClaims[] {
    return this.#claims;
  }

  get spent(): ReadonlySet<LeafIndex> {
    return this.#spent;
  }

  /** What packets give before the transactions, and the state that all of it leaves them in. */
  get packets(): PacketDraws {
    return { ...this.#draws, states: this.#packets.states };
  }

  get evidence(): readonly Evidence[] {
    return this.#evidence;
  }

  /** Keys that the evidence convicts. */
  get convicted(): readonly Uint8Array[] {
    return this.#convicted;
  }

  /**
   * Takes evidence as the block's next one, before all transactions, whose room the caller has seen to. That it is signed
   * goes to the claims.
   */
  addEvidence(evidence: Evidence): RuleResult {
    const statusOf = (blsKey: Uint8Array) => this.#stakes.statusOf(blsKey);
    const verdict = examineEvidence(this.#deps.seatHistory, this.#tip, evidence, statusOf);
    if (!verdict.ok) return broken("ST-4");
    this.#stakes.convict(verdict.blsKeys);
    this.#convicted.push(...verdict.blsKeys);
    this.#evidence.push(evidence);
    this.#claims.push(evidenceClaims(verdict.claims));
    return RULE_KEPT;
  }

  /**
   * Takes the transaction as the block's next one if it keeps every rule there that takes no work on the curve. The rest
   * goes to the claims.
   */
  add(transaction: Transaction): RuleResult {
    const { chain, header, aux } = this.#tip;
    const window = validateWindow(transaction, header.time);
    if (!window.ok) return window;
    const valid = validateForm(chain.chainId, transaction);
    if (!valid.ok) return valid;
    const isHeld = this.#deps.isAdmitted?.(transaction, valid.txid) === true;
    const outputs = isHeld ? RULE_KEPT : validateOutputForms(transaction);
    if (!outputs.ok) return outputs;
    const spends = inputsOf(transaction);
    const bytes = encodeTransaction(transaction).length;
    const room = takeRoom(this.#room, { weight: valid.weight, inputs: spends.length, bytes });
    // The limits of 0.5 have no rule of their own; a count over its limit is EN-3.
    if (room === undefined) return broken("EN-3");
    // TX-10: numbers are assigned at the end of the block, so what this block makes cannot be named yet.
    if (spends.some((leaf) => leaf >= header.nextLeaf && leaf < this.#nextLeaf)) return broken("TX-10");
    const gate = { parentTime: header.time, statusOf: (key: Uint8Array) => this.#stakes.statusOf(key) };
    const inputs = resolveInputs(this.#reader, spends, (leaf) => this.#spent.has(leaf), gate);
    if (!inputs.ok) return inputs;
    const stakes = this.#stakes.validate(transaction);
    if (!stakes.ok) return stakes;
    const packets = this.#packets.validate(transaction);
    if (!packets.ok) return packets;
    if (factorOf(chain.params, aux.epoch, valid) === undefined) return broken("TX-8");
    const proven = outputsOf(transaction).filter(isProvenOutput);
    const claims = spendClaims(this.#reader, this.#tip, valid, inputs.cores, {
      // A slash takes from a stake while a pool holds the transaction that spends it.
      isAdmitted: isHeld && !inputs.cores.some(({ type }) => type === "stake"),
      unproven: proven.filter((output) => !this.#deps.isRangeProofVerified(output)),
    });
    if (claims !== undefined) this.#claims.push(claims);
    this.#room = room;
    this.#nextLeaf += outputsOf(transaction).length;
    this.#stakes.take(transaction);
    this.#packets.take(transaction);
    for (const leaf of spends) this.#spent.add(leaf);
    this.#accepted.push(valid);
    return RULE_KEPT;
  }
}
