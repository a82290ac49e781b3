import { BLOCK_BYTES_MAX, BLOCK_NEW_OUTPUTS_MAX, BLOCK_PAYOUTS_MAX, VALIDATORS_MAX } from "./limits.ts";
import type { NetworkParams } from "./network-params.ts";

/** Largest sum of a fee in its own arithmetic: factors and multiplier included it stays exact in a double. */
const FEE_BASE_MAX = 1_000_000_000;

/** A hundred years: the longest span that is added to a time, so that a few of them stay below 2^53 (EN-1). */
const SPAN_MS_MAX = 100 * 365.25 * 86_400_000;

/** Epochs of a week are counted in 16 bits (CO-18). */
const WEEK_EPOCHS_MAX = 0xffff;

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
  "deadEpochs",
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

/** Can a chain run with these? Only a dev genesis may choose its own; this keeps a bad file from crashing a node. */
export function validateParams(params: NetworkParams): boolean {
  const areWhole = Object.values(params).every((value: number) => Number.isSafeInteger(value) && value >= 0);
  const arePositive = POSITIVE.every((field) => params[field] > 0);
  const areBounded =
    params.maxValidators <= VALIDATORS_MAX &&
    params.maxBlockBytes <= BLOCK_BYTES_MAX &&
    params.maxBlockOutputs + BLOCK_PAYOUTS_MAX < BLOCK_NEW_OUTPUTS_MAX &&
    // Counted in a u16; and an award is drawn before the next week ends, since an epoch has two blocks and more.
    params.weekEpochs <= WEEK_EPOCHS_MAX &&
    params.awardDelayBlocks > 0 &&
    params.awardDelayBlocks <= 2 * params.weekEpochs &&
    params.targetOutputsPerEpoch <= 1_000_000 &&
    SPANS.every((field) => params[field] <= SPAN_MS_MAX) &&
    Math.max(params.feeOut, params.feeIn) <= FEE_BASE_MAX &&
    Math.max(params.awardBp, params.slashBp, params.maxChurnBp, params.awardSignBp) <= 10_000;
  return areWhole && arePositive && areBounded;
}
