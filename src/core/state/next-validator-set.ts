import { compareBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { compareValidators, totalPower, type Validator, type ValidatorSet } from "../chain/validator-set.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { AccountStatus } from "./aux-records.ts";
import { powerOf } from "./stakes.ts";

/** What ST-2 needs to know of a key: its active stake in µSTG and its status. */
export interface StakeAccount {
  readonly blsKey: Uint8Array;
  readonly stake: bigint;
  readonly status: AccountStatus;
}

type SetParams = Pick<NetworkParams, "maxValidators" | "minStake" | "maxChurnBp">;

/** A jailing that would leave fewer waits: with three seats nobody may fail (ST-2). */
const JAILED_SET_MIN = 4;

/** The set as it should be, without the churn bound: the largest keys in good standing (ST-2; GE-2 starts with it). */
export function targetValidatorSet(accounts: readonly StakeAccount[], params: SetParams): ValidatorSet {
  return accounts
    .filter((account) => account.status === "ok" && account.stake >= BigInt(params.minStake))
    .map((account) => ({ blsKey: account.blsKey, power: powerOf(account.stake) }))
    .filter((validator) => validator.power > 0)
    .sort(compareValidators)
    .slice(0, params.maxValidators);
}

type Urgency = 0 | 1 | 2;
interface SeatChange {
  readonly blsKey: Uint8Array;
  readonly before: number;
  readonly after: number;
  /** 0 slashed, 1 jailed, 2 everything else. */
  readonly urgency: Urgency;
}

const sizeOf = (change: SeatChange): number => Math.abs(change.after - change.before);

function listChanges(
  current: ValidatorSet,
  target: ValidatorSet,
  accounts: readonly StakeAccount[],
): readonly SeatChange[] {
  const statuses = new Map(accounts.map((account) => [formatHex(account.blsKey), account.status]));
  const powers = new Map<string, { blsKey: Uint8Array; before: number; after: number }>();
  for (const { blsKey, power } of current) powers.set(formatHex(blsKey), { blsKey, before: power, after: 0 });
  for (const { blsKey, power } of target) {
    const before = powers.get(formatHex(blsKey))?.before ?? 0;
    powers.set(formatHex(blsKey), { blsKey, before, after: power });
  }
  return [...powers]
    .map(([name, powersOfKey]) => ({ ...powersOfKey, urgency: urgencyOf(statuses.get(name)) }))
    .filter((change) => change.before !== change.after)
    .sort(
      (left, right) =>
        left.urgency - right.urgency || sizeOf(right) - sizeOf(left) || compareBytes(left.blsKey, right.blsKey),
    );
}

function urgencyOf(status: AccountStatus | undefined): Urgency {
  if (status === "slash-due" || status === "removed") return 0;
  return status === "jailed" ? 1 : 2;
}

/**
 * ST-2: the set of the next epoch. Old and new sets overlap in power by the churn bound, which is what lets a light
 * client skip from one epoch to another (LC-2).
 */
export function nextValidatorSet(
  current: ValidatorSet,
  accounts: readonly StakeAccount[],
  params: SetParams,
): ValidatorSet {
  const target = targetValidatorSet(accounts, params);
  const bound = Math.floor((Math.max(totalPower(current), totalPower(target)) * params.maxChurnBp) / 10_000);
  const seats = new Map<string, Validator>(current.map((validator) => [formatHex(validator.blsKey), validator]));
  let moved = 0;
  let isFirst = true;
  for (const change of listChanges(current, target, accounts)) {
    const isSlashed = change.urgency === 0;
    if (!isSlashed && isWaiting(change, seats.size, params.maxValidators)) continue;
    // The first change passes whatever its size: one large validator could otherwise never enter or leave.
    if (!isSlashed && !isFirst && moved + sizeOf(change) > bound) break;
    isFirst = false;
    moved += sizeOf(change);
    const name = formatHex(change.blsKey);
    if (change.after === 0) seats.delete(name);
    else seats.set(name, { blsKey: change.blsKey, power: change.after });
  }
  return seats.size === 0 ? current : [...seats.values()].sort(compareValidators);
}

function isWaiting(change: SeatChange, seatCount: number, seatsMax: number): boolean {
  if (change.urgency === 1) return seatCount - 1 < JAILED_SET_MIN;
  return change.before === 0 && seatCount >= seatsMax;
}
