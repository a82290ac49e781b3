import type { PublicCore } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { awardAnchor, derivePublicOutput, payoutAnchor } from "../crypto/public-output.ts";
import { BLOCK_PAYOUTS_MAX } from "../params/limits.ts";
import { amount, MICRO_PER_STG, type Amount } from "../values/amount.ts";
import type { Epoch } from "../values/height.ts";
import type { ValidatorAccount } from "./aux-records.ts";

const NO_REFERENCE = new Uint8Array(32);

/** A type-1 output that the ledger makes by itself (OU-3). The address passed AD-3 when its stake was locked (ST-1). */
function implicitOutput(
  curve: CurveBackend,
  { reward }: ValidatorAccount,
  value: Amount,
  anchor: Uint8Array,
): PublicCore {
  const keys = derivePublicOutput(curve, reward, value, anchor);
  if (keys === undefined) throw new Error("a reward address that cannot be paid");
  const { oneTimeKey, ephemeralKey, viewTag } = keys;
  return {
    type: "public",
    oneTimeKey,
    amount: value,
    ephemeralKey,
    viewTag,
    recipient: reward,
    anchor,
    reference: NO_REFERENCE,
  };
}

/**
 * RW-2: pays every account of 1 STG and more, ascending by key. What does not fit a block (limit of 0.5) stays where it
 * is for another week.
 */
export function payAccounts(
  curve: CurveBackend,
  chainId: number,
  epoch: Epoch,
  accounts: readonly ValidatorAccount[],
): { readonly accounts: readonly ValidatorAccount[]; readonly outputs: readonly PublicCore[] } {
  const outputs: PublicCore[] = [];
  const rest = accounts.map((account) => {
    if (account.balance < MICRO_PER_STG || outputs.length === BLOCK_PAYOUTS_MAX) return account;
    const anchor = payoutAnchor(chainId, epoch, account.blsKey);
    outputs.push(implicitOutput(curve, account, account.balance, anchor));
    return { ...account, balance: amount(0n) };
  });
  return { accounts: rest, outputs };
}

/** AW-2: the whole pot for the winner of a week. */
export function awardOutput(
  curve: CurveBackend,
  chainId: number,
  week: bigint,
  winner: ValidatorAccount,
  pot: bigint,
): PublicCore {
  return implicitOutput(curve, winner, amount(pot), awardAnchor(chainId, Number(week), winner.blsKey));
}
