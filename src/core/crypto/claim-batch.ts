import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { balanceTerms, type BalanceClaim } from "./balance.ts";
import { sumToIdentity } from "./equation-terms.ts";
import type { RangeClaim } from "./range-proof.ts";
import { rangeBatchTerms } from "./range-proof-verifier.ts";
import { schnorrTerms, type SchnorrClaim } from "./schnorr.ts";

/** Claims of any kind and number. */
export interface ClaimBatch {
  readonly signatures: readonly SchnorrClaim[];
  readonly balances: readonly BalanceClaim[];
  readonly ranges: readonly RangeClaim[];
}

/**
 * Whether all the claims hold, by one multi-scalar multiplication over all of them. Every claim has a random weight of 128
 * bits of its own, whatever its kind, so that errors cannot cancel each other but with a chance of 2^-128 (PR-3, RG-6).
 * "No" names nobody: it is for the caller to check singly.
 */
export function holdTogether(curve: CurveBackend, batch: ClaimBatch, random: Random): boolean {
  const signatures = schnorrTerms(curve, batch.signatures, random);
  const balances = signatures && balanceTerms(curve, batch.balances, random);
  const ranges = balances && rangeBatchTerms(curve, batch.ranges, random);
  return ranges !== undefined && sumToIdentity(curve, [signatures!, balances!, ranges]);
}
