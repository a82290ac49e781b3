import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { compareValidators, type ValidatorSet } from "../chain/validator-set.ts";
import { epoch, type TimeMs } from "../values/height.ts";
import type { AuxRecords, EpochRecord, ValidatorAccount } from "./aux-records.ts";
import { nextMultiplier } from "./fee-multiplier.ts";
import { nextEpoch, type LedgerTip } from "./ledger-tip.ts";
import { nextValidatorSet, type StakeAccount } from "./next-validator-set.ts";
import type { Stake } from "./stakes.ts";

/** Active stake of every key that has an account (ST-1). Unbonding stakes no longer count (ST-5). */
export function stakeAccounts(
  accounts: readonly ValidatorAccount[],
  stakes: readonly Stake[],
): readonly StakeAccount[] {
  const sums = new Map<string, bigint>();
  for (const { blsKey, state } of stakes) {
    if (state.isUnbonding) continue;
    const name = formatHex(blsKey);
    sums.set(name, (sums.get(name) ?? 0n) + state.amount);
  }
  return accounts.map(({ blsKey, status }) => ({ blsKey, stake: sums.get(formatHex(blsKey)) ?? 0n, status }));
}

/**
 * ST-8 after the credits: the new set, then the multiplier and the start of the epoch. Stakes and statuses are those
 * after the parent (ST-7): the proposer of the boundary block, who alone knows the next seed, decides nothing here.
 * Slashes, jails, releases, payouts and the award arrive with staking by users.
 */
export function applyBoundary(
  tip: LedgerTip,
  rewarded: AuxRecords,
  block: { readonly time: TimeMs; readonly nextLeaf: number },
): { readonly aux: AuxRecords; readonly validators: ValidatorSet } {
  const { params } = tip.chain;
  const next = nextValidatorSet(tip.nextValidators, stakeAccounts(tip.aux.accounts, tip.stakes), params);
  const validators = isSameSet(next, tip.nextValidators) ? tip.nextValidators : next;
  const firstEpoch = epoch(nextEpoch(tip) + 1);
  const accounts = rewarded.accounts.map((account) =>
    isEntering(account, tip.nextValidators, validators) ? { ...account, lastSignedEpoch: firstEpoch } : account,
  );
  const growth = block.nextLeaf - rewarded.epoch.firstLeaf;
  const record: EpochRecord = {
    multiplier: nextMultiplier(rewarded.epoch.multiplier, params.targetOutputsPerEpoch, growth),
    previousMultiplier: rewarded.epoch.multiplier,
    start: block.time,
    firstLeaf: block.nextLeaf,
  };
  return { aux: { accounts, epoch: record, award: rewarded.award }, validators };
}

function isSameSet(left: ValidatorSet, right: ValidatorSet): boolean {
  return (
    left.length === right.length && left.every((validator, seat) => compareValidators(validator, right[seat]!) === 0)
  );
}

/** A key that joins counts as seen in its first epoch, or it would be jailed for the time before (CO-18). */
function isEntering({ blsKey }: ValidatorAccount, before: ValidatorSet, after: ValidatorSet): boolean {
  const holds = (validators: ValidatorSet): boolean =>
    validators.some((validator) => equalBytes(validator.blsKey, blsKey));
  return holds(after) && !holds(before);
}
