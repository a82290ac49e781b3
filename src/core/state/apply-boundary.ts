import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { compareValidators, type ValidatorSet } from "../chain/validator-set.ts";
import { BOUNDARY_STAKES_MAX } from "../params/limits.ts";
import { epoch, timeMs, type TimeMs } from "../values/height.ts";
import { jailAccounts, silentKeys } from "./apply-jails.ts";
import { applySlashes } from "./apply-slashes.ts";
import type { StakesAndAccounts } from "./apply-stakes.ts";
import type { ValidatorAccount } from "./aux-records.ts";
import { nextEpoch, type LedgerTip } from "./ledger-tip.ts";
import { nextValidatorSet, targetValidatorSet, type StakeAccount } from "./next-validator-set.ts";
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

/** What a boundary leaves behind. */
export interface BoundaryEffects extends StakesAndAccounts {
  readonly validators: ValidatorSet;
  /** Of slashed stakes (SU-1), in µSTG. */
  readonly burned: bigint;
}

/**
 * ST-8 after the credits: slashes, jails, the new set and releases. Stakes and statuses that decide are those after the
 * parent (ST-7): the proposer of the boundary block, who alone knows the next seed, decides nothing here.
 */
export function applyBoundary(tip: LedgerTip, rewarded: StakesAndAccounts, time: TimeMs): BoundaryEffects {
  const { params } = tip.chain;
  const slashed = applySlashes(tip.aux.accounts, rewarded, params.slashBp);
  const silent = silentKeys(tip);
  const keys = stakeAccounts(jailAccounts(tip.aux.accounts, silent), tip.stakes);
  const next = nextValidatorSet(tip.nextValidators, keys, params);
  const validators = isSameSet(next, tip.nextValidators) ? tip.nextValidators : next;
  const firstEpoch = epoch(nextEpoch(tip) + 1);
  const accounts = jailAccounts(slashed.accounts, silent).map((account) =>
    isEntering(account, tip.nextValidators, validators) ? { ...account, lastSignedEpoch: firstEpoch } : account,
  );
  const release = timeMs(time + params.unbondingMs);
  const room = BOUNDARY_STAKES_MAX - slashed.count;
  const hasLeft = leftFrom(keys, validators, params);
  const stakes = releaseStakes(tip.stakes, slashed.stakes, { release, room, hasLeft });
  return { stakes, accounts, validators, burned: slashed.burned };
}

/**
 * Whose power in the new set is what the target set gives: a key whose own change waits for room (churn, ST-2) still
 * votes with stakes that are unbonding.
 */
function leftFrom(
  keys: readonly StakeAccount[],
  validators: ValidatorSet,
  params: LedgerTip["chain"]["params"],
): (blsKey: Uint8Array) => boolean {
  const powers = (set: ValidatorSet): ReadonlyMap<string, number> =>
    new Map(set.map(({ blsKey, power }) => [formatHex(blsKey), power]));
  const target = powers(targetValidatorSet(keys, params));
  const actual = powers(validators);
  return (blsKey) => target.get(formatHex(blsKey)) === actual.get(formatHex(blsKey));
}

interface Releasing {
  readonly release: TimeMs;
  /** How many may be released. */
  readonly room: number;
  readonly hasLeft: (blsKey: Uint8Array) => boolean;
}

/**
 * ST-5: when the stakes that were unbonding after the parent, and whose power is gone now, can be spent. Oldest leaves
 * first: those for whom slashes leave no room (ST-9) have their turn at the next boundary.
 */
function releaseStakes(
  parent: readonly Stake[],
  stakes: readonly Stake[],
  { release, room, hasLeft }: Releasing,
): readonly Stake[] {
  const due = new Set(
    parent
      .filter(({ blsKey, state }) => state.isUnbonding && state.release === 0 && hasLeft(blsKey))
      .slice(0, room)
      .map(({ leaf }) => leaf),
  );
  if (due.size === 0) return stakes;
  return stakes.map((stake) => (due.has(stake.leaf) ? { ...stake, state: { ...stake.state, release } } : stake));
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
