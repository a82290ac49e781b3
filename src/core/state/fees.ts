import type { NetworkParams } from "../params/network-params.ts";
import type { ValidTransaction } from "../chain/validate-transaction.ts";
import type { EpochRecord } from "./aux-records.ts";

/** b of TX-8: a sender can only choose among these, so that a fee is no fingerprint. */
export const FEE_FACTORS = [1, 2, 4, 8, 16] as const;
export type FeeFactor = (typeof FEE_FACTORS)[number];

/** Least fee of a transfer, `fo·w + fi·n_in` of TX-8 under one multiplier, in µSTG. */
export function unitFee(params: NetworkParams, multiplier: number, weight: number, inputCount: number): bigint {
  const perOutput = Math.floor((params.feeOut * multiplier) / 1000);
  const perInput = Math.floor((params.feeIn * multiplier) / 1000);
  return BigInt(perOutput) * BigInt(weight) + BigInt(perInput) * BigInt(inputCount);
}

/** Fee of a transaction with this factor at the multiplier now in force. */
export function exactFee(
  params: NetworkParams,
  record: EpochRecord,
  factor: FeeFactor,
  weight: number,
  inputCount: number,
): bigint {
  return BigInt(factor) * unitFee(params, record.multiplier, weight, inputCount);
}

/**
 * TX-8: the factor whose exact fee this is, under the multiplier of this or the previous epoch; undefined if none.
 * The previous one is allowed, or whatever is in flight at a boundary would be lost.
 */
export function feeFactor(
  params: NetworkParams,
  record: EpochRecord,
  weight: number,
  inputCount: number,
  fee: bigint,
): FeeFactor | undefined {
  for (const multiplier of [record.multiplier, record.previousMultiplier]) {
    const unit = unitFee(params, multiplier, weight, inputCount);
    const factor = FEE_FACTORS.find((each) => BigInt(each) * unit === fee);
    if (factor !== undefined) return factor;
  }
  return undefined;
}

/** An unbond makes no output; it pays as if it made one (TX-8). */
const UNBOND_WEIGHT = 1;

/** Least fee of an unbond under one multiplier, in µSTG. */
export function unbondFee(params: NetworkParams, multiplier: number): bigint {
  return unitFee(params, multiplier, UNBOND_WEIGHT, 0);
}

/** Claims and take-backs pay nothing and are capped in every block (0.5): no flood of payments may keep them out. */
const CLAIM_FACTOR = 16;

/** Least f_claim of a new packet, in µSTG (RP-1): what an output costs, under the multiplier of this or the previous epoch. */
export function claimFeeMin(params: NetworkParams, { multiplier, previousMultiplier }: EpochRecord): bigint {
  return unitFee(params, Math.min(multiplier, previousMultiplier), 1, 0);
}

/** An unjail pays nothing and there is one for a jailed key in an epoch (ST-3): no flood may keep it out. */
const UNJAIL_FACTOR = 16;

/** The factor that a transaction of any kind pays now (TX-8); undefined if its fee is none of those allowed. */
export function factorOf(
  params: NetworkParams,
  record: EpochRecord,
  { transaction, weight }: Pick<ValidTransaction, "transaction" | "weight">,
): FeeFactor | undefined {
  switch (transaction.kind) {
    case "transfer":
      return feeFactor(params, record, weight, transaction.inputs.length, transaction.fee);
    case "unbond":
      return feeFactor(params, record, UNBOND_WEIGHT, 0, transaction.fee);
    case "claim":
    case "take-back":
      return CLAIM_FACTOR;
    case "unjail":
      return UNJAIL_FACTOR;
    default:
      return transaction satisfies never;
  }
}
