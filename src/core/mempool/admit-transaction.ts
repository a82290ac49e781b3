import { formatHex } from "../bytes/hex.ts";
import { isCoinOutput, type OutputCore } from "../chain/output.ts";
import { encodeTransaction, type Transaction } from "../chain/transaction.ts";
import { validateForm, validateOutputs } from "../chain/validate-transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import { feeFactor } from "../state/fees.ts";
import type { CoinOutput } from "../state/ledger-deps.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import { resolveInputs, validateBalance, validateSignatures, validateWindow } from "../state/validate-spend.ts";
import type { TimeMs } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";
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

/** Everything of a transaction checked except its range proofs. */
export interface Candidate {
  readonly entry: Omit<MempoolEntry, "arrival">;
  /** Whose proofs the caller must verify before {@link admitCandidate}. */
  readonly coins: readonly CoinOutput[];
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

/** First step: every rule but TX-3, cheap ones first. */
export function judgeTransaction(
  deps: { readonly curve: CurveBackend },
  mempool: Mempool,
  tip: LedgerTip,
  reader: LedgerReader,
  transaction: Transaction,
  now: TimeMs,
): { readonly verdict: "accept"; readonly candidate: Candidate } | AdmitRefusal {
  const form = validateForm(tip.chain.chainId, transaction);
  if (!form.ok) return { verdict: "reject", rule: form.rule };
  const { txid, weight } = form;
  const standing = judgeStanding(mempool, tip, reader, { txid, transaction, weight });
  if (standing.verdict !== "accept") return standing;
  const { factor, inputs } = standing;
  const entry = { txid, transaction, size: encodeTransaction(transaction).length, weight, factor, arrivedAt: now };
  if (evictionsFor(mempool, entry) === undefined) return { verdict: "ignore", reason: "pool_full" };
  const checks = [
    () => validateOutputs(deps.curve, transaction),
    () => validateBalance(deps.curve, transaction, inputs),
    () => validateSignatures(deps.curve, form, inputs),
  ];
  for (const check of checks) {
    const result = check();
    if (!result.ok) return { verdict: "reject", rule: result.rule };
  }
  return { verdict: "accept", candidate: { entry, coins: transaction.outputs.filter(isCoinOutput) } };
}

/** What depends on ledger and pool of this moment: inputs, window, fee. */
function judgeStanding(
  mempool: Mempool,
  tip: LedgerTip,
  reader: LedgerReader,
  { txid, transaction, weight }: Pick<MempoolEntry, "txid" | "transaction" | "weight">,
): { readonly verdict: "accept"; readonly factor: number; readonly inputs: readonly OutputCore[] } | AdmitRefusal {
  if (hasTransaction(mempool, txid)) return { verdict: "ignore", reason: "already_known" };
  if (isConflicting(mempool, transaction.inputs)) return { verdict: "ignore", reason: "conflicting" };
  const window = validateWindow(transaction, tip.header.time);
  if (!window.ok) return notNow(window.rule);
  const inputs = resolveInputs(reader, transaction.inputs, () => false);
  // Spent a moment ago, or made in a block we have not seen: no fault of who forwards it.
  if (!inputs.ok) return notNow(inputs.rule);
  const factor = feeFactor(tip.chain.params, tip.aux.epoch, weight, transaction.inputs.length, transaction.fee);
  // The multiplier moves at boundaries, and nodes pass them at different moments.
  return factor === undefined ? notNow("TX-8") : { verdict: "accept", factor, inputs: inputs.cores };
}

/** Second step, once the range proofs are verified: the ledger or the pool may have moved on meanwhile. */
export function admitCandidate(
  mempool: Mempool,
  tip: LedgerTip,
  reader: LedgerReader,
  candidate: Candidate,
):
  | {
      readonly verdict: "accept";
      readonly mempool: Mempool;
      readonly added: MempoolEntry;
      readonly removed: readonly Removal[];
    }
  | AdmitRefusal {
  const standing = judgeStanding(mempool, tip, reader, candidate.entry);
  if (standing.verdict !== "accept") return standing;
  const entry = { ...candidate.entry, factor: standing.factor };
  const evicted = evictionsFor(mempool, entry);
  if (evicted === undefined) return { verdict: "ignore", reason: "pool_full" };
  const removed = evicted.map((each) => ({ entry: each, reason: "evicted" as const }));
  const next = insertEntry(removeEntries(mempool, evicted), entry);
  return { verdict: "accept", mempool: next, added: next.entries.get(formatHex(entry.txid))!, removed };
}
