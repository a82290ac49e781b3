import type { PublicCore } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { awardAnchor, derivePublicOutput, payoutAnchor } from "../crypto/public-output.ts";
import { amount, type Amount } from "../values/amount.ts";
import type { Epoch } from "../values/height.ts";
import type { ValidatorAccount } from "./aux-records.ts";
import { dueAccounts } from "./payouts.ts";

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

/** RW-2: pays the accounts that are due, ascending by key. */
export function payAccounts(
  curve: CurveBackend,
  chainId: number,
  epoch: Epoch,
  accounts: readonly ValidatorAccount[],
): { readonly accounts: readonly ValidatorAccount[]; readonly outputs: readonly PublicCore[] } {
  const due = new Set(dueAccounts(accounts));
  const outputs = [...due].map((account) => {
    return implicitOutput(curve, account, account.balance, payoutAnchor(chainId, epoch, account.blsKey));
  });
  const rest = accounts.map((account) => (due.has(account) ? { ...account, balance: amount(0n) } : account));
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
