import { totalPower, type ValidatorSet } from "../chain/validator-set.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { TimeMs } from "../values/height.ts";

/** A block that was late earns no more than this much time (SU-4). */
const REWARD_TIME_MS_MAX = 60_000;
/** No u64 survives more halvings; bounds the shift for times far in the future. */
const HALVINGS_MAX = 64n;

/** SU-4: paid per time, so that the speed of blocks does not change inflation. µSTG. */
export function blockReward(params: NetworkParams, genesisTime: TimeMs, parentTime: TimeMs, time: TimeMs): bigint {
  const halvings = BigInt(Math.floor((time - genesisTime) / params.halvingMs));
  const rate = BigInt(params.rewardPerS) >> (halvings < HALVINGS_MAX ? halvings : HALVINGS_MAX);
  const elapsed = Math.min(time - parentTime, REWARD_TIME_MS_MAX);
  return (rate * BigInt(elapsed)) / 1000n;
}

/** 1000 times the most that all blocks together can ever be paid: what SU-4 bounds a genesis by. */
export function futureRewardsTimes1000(params: NetworkParams): bigint {
  let sum = 0n;
  for (let rate = BigInt(params.rewardPerS); rate > 0n; rate >>= 1n) sum += rate * BigInt(params.halvingMs);
  return sum;
}

/** Who gets what of one block (RW-1), in µSTG. */
export interface RewardSplit {
  readonly awardPart: bigint;
  readonly proposer: bigint;
  /** One share a seat of the set that certified the parent; 0 for those who did not sign. */
  readonly signers: readonly bigint[];
  readonly leftover: bigint;
}

/** RW-1. The proposer is paid by the power it included, so that leaving votes out costs it. */
export function splitReward(
  reward: bigint,
  fees: bigint,
  awardBp: number,
  validators: ValidatorSet,
  signed: readonly boolean[],
): RewardSplit {
  const awardPart = (reward * BigInt(awardBp)) / 10_000n;
  const rest = reward - awardPart + fees;
  const total = 10n * BigInt(totalPower(validators));
  const powers = validators.map(({ power }, seat) => (signed[seat] === true ? BigInt(power) : 0n));
  const included = powers.reduce((sum, power) => sum + power, 0n);
  const proposer = (rest * included) / total;
  const signers = powers.map((power) => (9n * rest * power) / total);
  const leftover = rest - proposer - signers.reduce((sum, share) => sum + share, 0n);
  return { awardPart, proposer, signers, leftover };
}
