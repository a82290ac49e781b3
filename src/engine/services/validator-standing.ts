import type { AccruedView, ValidatorStandingView } from "../../api/views.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import type { NetworkParams } from "../../core/params/network-params.ts";
import { accountOf, type ValidatorAccount } from "../../core/state/aux-records.ts";
import { keyStanding } from "../../core/state/key-standing.ts";
import { dueAccounts, nextPayoutEpoch } from "../../core/state/payouts.ts";
import type { AddressKeys } from "../../core/values/address.ts";
import { amount } from "../../core/values/amount.ts";
import type { ValidatorRecords } from "./validator-lookup.ts";

type EpochMs = Pick<NetworkParams, "epochMs">;

/** A key as the records of a boundary show it, to whom is paid at `own`. */
export function validatorStanding(
  { header, aux, validators }: ValidatorRecords,
  blsKey: Uint8Array,
  own: AddressKeys,
  { epochMs }: EpochMs,
): ValidatorStandingView {
  const standing = keyStanding(aux, validators, blsKey);
  const account = accountOf(aux.accounts, blsKey);
  const silentMs = standing === "jailed" && account && (header.epoch - account.lastSignedEpoch) * epochMs;
  return {
    validatorKey: formatHex(blsKey),
    // No record yet: its first stake was made after that block (CO-18).
    status: standing === "unknown" ? "waiting" : standing,
    lastSignedMs: typeof silentMs === "number" ? header.time - silentMs : undefined,
    accrued: account && isPaidTo(account, own) ? account.balance : undefined,
    asOfMs: header.time,
  };
}

/** What the records of a boundary owe to one address: the whole balance of a key is for that of its record (RW-2, CO-18). */
export function accruedRewards(
  { header, aux }: ValidatorRecords,
  own: AddressKeys,
  params: EpochMs & Pick<NetworkParams, "weekEpochs">,
): AccruedView {
  const epochsLeft = nextPayoutEpoch(params, header.epoch) - header.epoch;
  return {
    amount: sumOwed(aux.accounts, own),
    due: sumOwed(dueAccounts(aux.accounts), own),
    payoutMs: header.time + epochsLeft * params.epochMs,
    asOfMs: header.time,
  };
}

/** Keys that owe something to an address. */
export function owingKeys({ aux }: ValidatorRecords, own: AddressKeys): readonly Uint8Array[] {
  return aux.accounts.filter((each) => each.balance > 0n && isPaidTo(each, own)).map(({ blsKey }) => blsKey);
}

function sumOwed(accounts: readonly ValidatorAccount[], own: AddressKeys): AccruedView["amount"] {
  const owed = accounts.filter((account) => isPaidTo(account, own));
  return amount(owed.reduce((sum, { balance }) => sum + balance, 0n));
}

const isPaidTo = ({ reward }: ValidatorAccount, own: AddressKeys): boolean =>
  equalBytes(reward.spendKey, own.spendKey) && equalBytes(reward.viewKey, own.viewKey);
