import type { ProvenOutput } from "../chain/output.ts";
import type { Transaction } from "../chain/transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { SeatHistory } from "./seat-history.ts";
import type { Hash } from "../values/hash.ts";

/** What examining a block needs besides the ledger. */
export interface LedgerDeps {
  /** Makes the outputs that a block makes by itself. */
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  /** Who voted at heights that evidence may be of (ST-4). */
  readonly seatHistory: SeatHistory;
  /** Has this output's proof been verified before? Proofs are checked elsewhere, in batches and once each (RG-6). */
  isRangeProofVerified(output: ProvenOutput): boolean;
  /**
   * Has this very transaction, signatures included, passed every rule that no block can change any more: form, points,
   * balance and signatures? A leaf keeps its core as long as it lives, so a pool may vouch for what it holds. Without
   * an answer everything is to be shown.
   */
  isAdmitted?(transaction: Transaction, txid: Hash): boolean;
}
