import type { Transaction } from "../chain/transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { CoinOutput } from "../state/execute-block.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import type { TimeMs } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import type { Mempool, MempoolEntry, Removal } from "./mempool.ts";

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

/** First step: every rule but TX-3, cheap ones first. */
export function judgeTransaction(
  _deps: { readonly curve: CurveBackend },
  _mempool: Mempool,
  _tip: LedgerTip,
  _reader: LedgerReader,
  _transaction: Transaction,
  _now: TimeMs,
): { readonly verdict: "accept"; readonly candidate: Candidate } | AdmitRefusal {
  throw new Error("body follows");
}

/** Second step, once the range proofs are verified: the ledger or the pool may have moved on meanwhile. */
export function admitCandidate(
  _mempool: Mempool,
  _tip: LedgerTip,
  _reader: LedgerReader,
  _candidate: Candidate,
): { readonly verdict: "accept"; readonly mempool: Mempool; readonly removed: readonly Removal[] } | AdmitRefusal {
  throw new Error("body follows");
}
