import { formatHex } from "../bytes/hex.ts";
import type { Claim } from "../chain/claim.ts";
import { isProvenOutput, type OutputCore } from "../chain/output.ts";
import { encodeTransaction, inputsOf, outputsOf, placesOf, type Transaction } from "../chain/transaction.ts";
import { validateForm, validateOutputs, type ValidTransaction } from "../chain/validate-transaction.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import { BlockStakes } from "../state/block-stakes.ts";
import { fitsBlock } from "../state/block-transactions.ts";
import { factorOf } from "../state/fees.ts";
import type { ProvenOutput } from "../chain/output.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import { PacketReads, type PacketsBehind } from "../state/block-packets.ts";
import { areAccepted, packetClaims, stakeClaims, type ClaimDeps } from "../state/spend-claims.ts";
import {
  resolveInputs,
  validateBalance,
  validateSignatures,
  validateOwnerSignature,
  validateWindow,
} from "../state/validate-spend.ts";
import type { TimeMs } from "../values/height.ts";
import { broken, RULE_KEPT, type RuleNumber, type RuleResult } from "../values/rule-number.ts";
import {
  evictionsFor,
  hasTransaction,
  insertEntry,
  isConflicting,
  removeEntries,
  type Mempool,
  type MempoolEntry,
  type Removal,
} from "./mempool.ts";
import { claimEvictionsFor, POOL_TAKE_BACKS_MAX } from "./pool-claims.ts";

/** Everything of a transaction checked except range proofs, and of a claim its signatures and work. */
export interface Candidate {
  readonly entry: Omit<MempoolEntry, "arrival">;
  /** Whose proofs the caller must verify before {@link admitCandidate}. */
  readonly coins: readonly ProvenOutput[];
  /** What a claim has to show, to be verified likewise, its work last (RP-5, RP-12); undefined for all else. */
  readonly claim: ReturnType<typeof packetClaims> | undefined;
}

/**
 * "ignore" is policy or a race with a block another node has seen already; `rule` then says what does not hold here
 * and now. "reject" is wrong for every honest node, whatever its height.
 */
export type AdmitRefusal =
  | {
      readonly verdict: "ignore";
      readonly reason: "already_known" | "conflicting" | "pool_full" | "not_now";
      readonly rule?: RuleNumber;
    }
  | { readonly verdict: "reject"; readonly rule: RuleNumber };

const notNow = (rule: RuleNumber): AdmitRefusal => ({ verdict: "ignore", reason: "not_now", rule });

/** First step: every rule but TX-3, and of claims all but signatures and work (RP-5), cheap ones first. `reads` is the pool's. */
export function judgeTransaction(
  deps: ClaimDeps,
  mempool: Mempool,
  tip: LedgerTip,
  reader: LedgerReader,
  transaction: Transaction,
  now: TimeMs,
  reads = new PacketReads(),
): { readonly verdict: "accept"; readonly candidate: Candidate } | AdmitRefusal {
  const form = validateForm(tip.chain.chainId, transaction);
  if (!form.ok) return { verdict: "reject", rule: form.rule };
  const { txid, weight } = form;
  const size = encodeTransaction(transaction).length;
  // No block could ever take it, so nothing would ever take it out of a pool.
  if (!fitsBlock(tip.chain.params, { weight, inputs: inputsOf(transaction).length, bytes: size }))
    return { verdict: "reject", rule: "EN-3" };
  const packets = reads.behind(tip, reader);
  const standing = judgeStanding(mempool, tip, reader, packets, { txid, transaction, weight });
  if (standing.verdict !== "accept") return standing;
  const { factor, inputs, spentStake, claimFee } = standing;
  const entry = { txid, transaction, size, weight, factor, spentStake, claimFee, arrivedAt: now };
  if (evictedFor(mempool, packets, entry) === undefined) return { verdict: "ignore", reason: "pool_full" };
  for (const check of checksOf(deps, reader, form, inputs)) {
    const result = check();
    if (!result.ok) return { verdict: "reject", rule: result.rule };
  }
  const coins = outputsOf(transaction).filter(isProvenOutput);
  const claim = transaction.kind === "claim" ? claimsOf(tip, packets, transaction) : undefined;
  return { verdict: "accept", candidate: { entry, coins, claim } };
}

function claimsOf(tip: LedgerTip, packets: PacketsBehind, claim: Claim): ReturnType<typeof packetClaims> {
  return packetClaims(tip, packets.packet(claim.packetLeaf)!.core, claim);
}

/** Who has to go for it; undefined if nobody does, and there is no room. */
function evictedFor(
  mempool: Mempool,
  packets: PacketsBehind,
  entry: Omit<MempoolEntry, "arrival">,
): readonly MempoolEntry[] | undefined {
  const { transaction, claimFee } = entry;
  if (transaction.kind === "take-back" && mempool.takeBacks >= POOL_TAKE_BACKS_MAX) return undefined;
  const others = evictionsFor(mempool, entry);
  if (others === undefined || transaction.kind !== "claim") return others;
  const claims = claimEvictionsFor(mempool, packets.packet(transaction.packetLeaf), transaction, claimFee);
  return claims && [...new Set([...others, ...claims])];
}

/** What of a transaction takes work on a curve, but its range proofs and whatever claims have to show. */
function checksOf(
  deps: ClaimDeps,
  reader: LedgerReader,
  valid: ValidTransaction,
  inputs: readonly OutputCore[],
): readonly (() => RuleResult)[] {
  const { transaction, txid } = valid;
  if (transaction.kind === "claim") return [];
  if (transaction.kind !== "transfer") return [() => validateOwnerSignature(deps, reader, { transaction, txid })];
  return [
    () => validateOutputs(deps.curve, transaction),
    () => validateBalance(deps.curve, transaction, inputs),
    () => validateSignatures(deps.curve, { transaction, txid }, inputs),
    () => (areAccepted(deps, stakeClaims(transaction)) ? RULE_KEPT : broken("ST-1")),
  ];
}

/** What depends on ledger and pool of this moment: inputs, window, fee. */
function judgeStanding(
  mempool: Mempool,
  tip: LedgerTip,
  reader: LedgerReader,
  packets: PacketsBehind,
  { txid, transaction, weight }: Pick<MempoolEntry, "txid" | "transaction" | "weight">,
):
  | {
      readonly verdict: "accept";
      readonly factor: number;
      readonly inputs: readonly OutputCore[];
      readonly spentStake: bigint;
      readonly claimFee: bigint;
    }
  | AdmitRefusal {
  if (hasTransaction(mempool, txid)) return { verdict: "ignore", reason: "already_known" };
  if (isConflicting(mempool, placesOf(transaction))) return { verdict: "ignore", reason: "conflicting" };
  const window = validateWindow(transaction, tip.header.time);
  if (!window.ok) return notNow(window.rule);
  // Claims have to do with none.
  let made: BlockStakes | undefined;
  const stakes = (): BlockStakes => (made ??= new BlockStakes(tip));
  const gate = { parentTime: tip.header.time, statusOf: (key: Uint8Array) => stakes().statusOf(key) };
  const inputs = resolveInputs(reader, inputsOf(transaction), () => false, gate);
  // Spent a moment ago, or made in a block we have not seen: no fault of who forwards it.
  if (!inputs.ok) return notNow(inputs.rule);
  const held = transaction.kind === "claim" ? RULE_KEPT : stakes().validate(transaction);
  if (!held.ok) return notNow(held.rule);
  const packed = packets.validate(transaction);
  if (!packed.ok) return notNow(packed.rule);
  const factor = factorOf(tip.chain.params, tip.aux.epoch, { transaction, weight });
  // The multiplier moves at boundaries, and nodes pass them at different moments.
  if (factor === undefined) return notNow("TX-8");
  const { cores } = inputs;
  const spentStake = cores.reduce((sum, core) => (core.type === "stake" ? sum + core.amount : sum), 0n);
  const claimFee = transaction.kind === "claim" ? packets.packet(transaction.packetLeaf)!.core.claimFee : 0n;
  return { verdict: "accept", factor, inputs: cores, spentStake, claimFee };
}

/** Second step, once the range proofs are verified: the ledger or the pool may have moved on meanwhile. */
export function admitCandidate(
  mempool: Mempool,
  tip: LedgerTip,
  reader: LedgerReader,
  candidate: Pick<Candidate, "entry">,
  reads = new PacketReads(),
):
  | {
      readonly verdict: "accept";
      readonly mempool: Mempool;
      readonly added: MempoolEntry;
      readonly removed: readonly Removal[];
    }
  | AdmitRefusal {
  const packets = reads.behind(tip, reader);
  const standing = judgeStanding(mempool, tip, reader, packets, candidate.entry);
  if (standing.verdict !== "accept") return standing;
  if (standing.spentStake !== candidate.entry.spentStake) return notNow("TX-4");
  const entry = { ...candidate.entry, factor: standing.factor };
  const evicted = evictedFor(mempool, packets, entry);
  if (evicted === undefined) return { verdict: "ignore", reason: "pool_full" };
  const removed = evicted.map((each) => ({ entry: each, reason: "evicted" as const }));
  const next = insertEntry(removeEntries(mempool, evicted), entry);
  return { verdict: "accept", mempool: next, added: next.entries.get(formatHex(entry.txid))!, removed };
}
