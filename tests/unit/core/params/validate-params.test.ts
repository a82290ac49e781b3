import { describe, expect, it } from "vitest";
import { createConsensusState } from "../../../../src/core/consensus/consensus-state.ts";
import { paceMoment } from "../../../../src/core/consensus/timeouts.ts";
import {
  BLOCK_BYTES_MAX,
  BLOCK_CLAIMS_MAX,
  BLOCK_NEW_OUTPUTS_MAX,
  BLOCK_PAYOUTS_MAX,
  BLOCK_REFUNDS_MAX,
  CLAIM_REF_WINDOW_MAX,
  VALIDATORS_MAX,
} from "../../../../src/core/params/limits.ts";
import { NETWORK_PARAMS, type NetworkParams } from "../../../../src/core/params/network-params.ts";
import { DEAD_EPOCHS_MIN, faultyParam, validateParams } from "../../../../src/core/params/validate-params.ts";
import { ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { timeMs } from "../../../../src/core/values/height.ts";

const YEARS_100_MS = 100 * 365.25 * 86_400_000;
const isSane = (change: Partial<NetworkParams>): boolean => validateParams({ ...NETWORK_PARAMS.dev, ...change });

/** The largest value of each bounded field. */
const LARGEST: Partial<NetworkParams> = {
  maxValidators: VALIDATORS_MAX,
  maxBlockBytes: BLOCK_BYTES_MAX,
  maxBlockOutputs: BLOCK_NEW_OUTPUTS_MAX - BLOCK_PAYOUTS_MAX - 1 - BLOCK_CLAIMS_MAX - BLOCK_REFUNDS_MAX,
  claimRefWindow: CLAIM_REF_WINDOW_MAX,
  weekEpochs: 0xffff,
  targetOutputsPerEpoch: 1_000_000,
  feeOut: 1_000_000_000,
  feeIn: 1_000_000_000,
  awardBp: 10_000,
  slashBp: 10_000,
  maxChurnBp: 10_000,
  awardSignBp: 10_000,
  epochMs: YEARS_100_MS,
  minBlockMs: YEARS_100_MS,
  emptyBlockMs: YEARS_100_MS,
  proposeMs: YEARS_100_MS,
  proposeStepMs: YEARS_100_MS,
  voteMs: YEARS_100_MS,
  voteStepMs: YEARS_100_MS,
};

describe("parameters of a genesis", () => {
  it.each(["main", "test", "dev"] as const)("[GE-1] those of %s can run a chain", (network) => {
    expect(validateParams(NETWORK_PARAMS[network])).toBe(true);
  });

  it.each(Object.entries(LARGEST))("[GE-1] %s may be %i and no more", (field, largest) => {
    expect(isSane({ [field]: largest })).toBe(true);
    expect(isSane({ [field]: largest + 1 })).toBe(false);
  });

  it.each([
    "epochMs",
    "minBlockMs",
    "halvingMs",
    "targetOutputsPerEpoch",
    "maxValidators",
    "minStake",
    "maxBlockBytes",
    "maxBlockOutputs",
  ] as const)("[GE-1] %s is not 0", (field) => {
    expect(isSane({ [field]: 1 })).toBe(true);
    expect(isSane({ [field]: 0 })).toBe(false);
  });

  it("[GE-1] [ST-3] dead_epochs below two are refused by name: they would jail those who begin the chain", () => {
    expect(DEAD_EPOCHS_MIN).toBe(2);
    expect(isSane({ deadEpochs: 2 })).toBe(true);
    for (const deadEpochs of [1, 0]) {
      expect(faultyParam({ ...NETWORK_PARAMS.dev, deadEpochs })).toBe("deadEpochs");
    }
  });

  it("[GE-1] [AW-2] an award waits at least a block and no longer than the blocks of a week", () => {
    const rule = (weekEpochs: number, awardDelayBlocks: number): boolean => isSane({ weekEpochs, awardDelayBlocks });
    expect([rule(2, 4), rule(2, 5), rule(2, 1), rule(2, 0)]).toEqual([true, false, true, false]);
    expect(rule(0, 0)).toBe(false);
  });

  it("[GE-1] each is a whole number below 2^53", () => {
    for (const field of Object.keys(NETWORK_PARAMS.dev)) {
      for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) expect(isSane({ [field]: value }), field).toBe(false);
    }
  });

  it("[EN-1] the longest spans still give times, even in the year 9999", () => {
    const params = { ...NETWORK_PARAMS.dev, ...LARGEST };
    const time = timeMs(253_370_764_800_000);
    const state = { ...createConsensusState(), parent: { blockId: ZERO_HASH, time }, epochStart: time };
    expect(paceMoment(params, state, true)).toBe(time + YEARS_100_MS);
  });
});
