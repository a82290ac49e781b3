import {
  BLOCK_BYTES_MAX,
  BLOCK_CLAIMS_MAX,
  BLOCK_NEW_OUTPUTS_MAX,
  BLOCK_PAYOUTS_MAX,
  BLOCK_REFUNDS_MAX,
  CLAIM_REF_WINDOW_MAX,
  VALIDATORS_MAX,
} from "./limits.ts";
import type { NetworkParams } from "./network-params.ts";

/** Largest sum of a fee in its own arithmetic: factors and multiplier included it stays exact in a double. */
const FEE_BASE_MAX = 1_000_000_000;

/** A hundred years: the longest span that is added to a time, so that a few of them stay below 2^53 (EN-1). */
const SPAN_MS_MAX = 100 * 365.25 * 86_400_000;

/** Epochs of a week are counted in 16 bits (CO-18). */
const WEEK_EPOCHS_MAX = 0xffff;

/**
 * A boundary looks at the state after its parent (ST-7), and the first epoch may have two blocks only, the first of them
 * with nobody's signature (GE-5): at 1 whoever began the chain would be jailed there, however well he signs.
 */
export const DEAD_EPOCHS_MIN = 2;

/** Fields a rule divides by or counts with: zero would stop the chain or make it pay for nothing. */
const POSITIVE = [
  "epochMs",
  "minBlockMs",
  "halvingMs",
  "weekEpochs",
  "targetOutputsPerEpoch",
  "maxValidators",
  "minStake",
  "maxBlockBytes",
  "maxBlockOutputs",
] as const satisfies readonly (keyof NetworkParams)[];

/** Fields that are added to a time, the steps up to twenty times. */
const SPANS = [
  "epochMs",
  "minBlockMs",
  "emptyBlockMs",
  "proposeMs",
  "proposeStepMs",
  "voteMs",
  "voteStepMs",
  "unbondingMs",
  "evidenceMs",
] as const satisfies readonly (keyof NetworkParams)[];

/** The largest value of each field that has one of its own. */
const LARGEST: Partial<NetworkParams> = {
  maxValidators: VALIDATORS_MAX,
  maxBlockBytes: BLOCK_BYTES_MAX,
  maxBlockOutputs: BLOCK_NEW_OUTPUTS_MAX - BLOCK_PAYOUTS_MAX - 1 - BLOCK_CLAIMS_MAX - BLOCK_REFUNDS_MAX,
  claimRefWindow: CLAIM_REF_WINDOW_MAX,
  weekEpochs: WEEK_EPOCHS_MAX,
  targetOutputsPerEpoch: 1_000_000,
  feeOut: FEE_BASE_MAX,
  feeIn: FEE_BASE_MAX,
  awardBp: 10_000,
  slashBp: 10_000,
  maxChurnBp: 10_000,
  awardSignBp: 10_000,
  ...Object.fromEntries(SPANS.map((field) => [field, SPAN_MS_MAX])),
};

/** The least value of each field that may not be 0. */
const LEAST: Partial<NetworkParams> = {
  ...Object.fromEntries(POSITIVE.map((field) => [field, 1])),
  awardDelayBlocks: 1,
  deadEpochs: DEAD_EPOCHS_MIN,
};

/**
 * The first parameter with which no chain can run; undefined if it can with all of them. Only a dev genesis may choose its
 * own; this keeps a bad file from crashing a node.
 */
export function faultyParam(params: NetworkParams): keyof NetworkParams | undefined {
  const fields = Object.keys(params) as (keyof NetworkParams)[];
  const faulty = fields.find((field) => {
    const value = params[field];
    return !Number.isSafeInteger(value) || value < (LEAST[field] ?? 0) || value > (LARGEST[field] ?? value);
  });
  if (faulty !== undefined) return faulty;
  // An award is drawn before the next week ends, since an epoch has two blocks and more.
  return params.awardDelayBlocks > 2 * params.weekEpochs ? "awardDelayBlocks" : undefined;
}

/** Can a chain run with these? */
export function validateParams(params: NetworkParams): boolean {
  return faultyParam(params) === undefined;
}
