import { Writer } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import type { Hash } from "../values/hash.ts";
import type { NetworkName } from "../values/network.ts";

/** Protocol 0.4, one field a row; units as in the names. A genesis carries all of them and their hash. */
export interface NetworkParams {
  readonly epochMs: number;
  readonly minBlockMs: number;
  readonly emptyBlockMs: number;
  readonly proposeMs: number;
  readonly proposeStepMs: number;
  readonly voteMs: number;
  readonly voteStepMs: number;
  readonly maxValidators: number;
  readonly minStake: number;
  readonly maxChurnBp: number;
  readonly unbondingMs: number;
  readonly evidenceMs: number;
  readonly trustingMs: number;
  readonly deadEpochs: number;
  readonly slashBp: number;
  readonly weekEpochs: number;
  readonly awardBp: number;
  readonly awardSignBp: number;
  readonly awardDelayBlocks: number;
  readonly rewardPerS: number;
  readonly halvingMs: number;
  readonly feeOut: number;
  readonly feeIn: number;
  readonly targetOutputsPerEpoch: number;
  readonly payloadTtlMs: number;
  readonly packetMinMs: number;
  readonly packetMaxMs: number;
  readonly claimRefWindow: number;
  readonly snapshotKeepEpochs: number;
  readonly maxBlockBytes: number;
  readonly maxBlockOutputs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const MAIN: NetworkParams = {
  epochMs: HOUR_MS,
  minBlockMs: 1_000,
  emptyBlockMs: 10_000,
  proposeMs: 1_500,
  proposeStepMs: 500,
  voteMs: 700,
  voteStepMs: 300,
  maxValidators: 100,
  minStake: 50_000_000_000,
  maxChurnBp: 3_333,
  unbondingMs: 14 * DAY_MS,
  evidenceMs: 14 * DAY_MS,
  trustingMs: 9 * DAY_MS,
  deadEpochs: 24,
  slashBp: 500,
  weekEpochs: 168,
  awardBp: 2_000,
  awardSignBp: 9_000,
  awardDelayBlocks: 10,
  rewardPerS: 3_000_000,
  halvingMs: 4 * 365.25 * DAY_MS,
  feeOut: 10_000,
  feeIn: 1_000,
  targetOutputsPerEpoch: 4_680,
  payloadTtlMs: 14 * DAY_MS,
  packetMinMs: 10 * MINUTE_MS,
  packetMaxMs: 30 * DAY_MS,
  claimRefWindow: 60,
  snapshotKeepEpochs: 2,
  maxBlockBytes: 1_048_576,
  maxBlockOutputs: 600,
};

/** The built-in parameters of each kind of network (protocol 0.4). */
export const NETWORK_PARAMS: Readonly<Record<NetworkName, NetworkParams>> = {
  main: MAIN,
  test: {
    ...MAIN,
    epochMs: 10 * MINUTE_MS,
    emptyBlockMs: 5_000,
    minStake: 1_000_000_000,
    unbondingMs: DAY_MS,
    evidenceMs: DAY_MS,
    trustingMs: 16 * HOUR_MS,
    deadEpochs: 6,
    weekEpochs: 36,
    targetOutputsPerEpoch: 780,
    payloadTtlMs: 2 * DAY_MS,
    packetMinMs: MINUTE_MS,
  },
  dev: {
    ...MAIN,
    epochMs: MINUTE_MS,
    emptyBlockMs: 2_000,
    proposeMs: 800,
    proposeStepMs: 400,
    voteMs: 400,
    voteStepMs: 200,
    maxValidators: 16,
    minStake: 1_000_000_000,
    unbondingMs: 5 * MINUTE_MS,
    evidenceMs: 5 * MINUTE_MS,
    trustingMs: 200 * SECOND_MS,
    deadEpochs: 10,
    weekEpochs: 5,
    awardSignBp: 8_000,
    awardDelayBlocks: 3,
    rewardPerS: 10_000_000,
    halvingMs: DAY_MS,
    targetOutputsPerEpoch: 600,
    payloadTtlMs: DAY_MS,
    packetMinMs: 20 * SECOND_MS,
    packetMaxMs: HOUR_MS,
    snapshotKeepEpochs: 5,
  },
};

/** `hi` in the upper, `lo` in the lower half of a u64, the form of rows 4, 5 and 20. */
const pair = (hi: number, lo: number): bigint => (BigInt(hi) << 32n) | BigInt(lo);

/** The 28 rows of 0.4 as u64, in order. */
export function listParams(params: NetworkParams): readonly bigint[] {
  return [
    BigInt(params.epochMs),
    BigInt(params.minBlockMs),
    BigInt(params.emptyBlockMs),
    pair(params.proposeMs, params.proposeStepMs),
    pair(params.voteMs, params.voteStepMs),
    BigInt(params.maxValidators),
    BigInt(params.minStake),
    BigInt(params.maxChurnBp),
    BigInt(params.unbondingMs),
    BigInt(params.evidenceMs),
    BigInt(params.trustingMs),
    BigInt(params.deadEpochs),
    BigInt(params.slashBp),
    BigInt(params.weekEpochs),
    BigInt(params.awardBp),
    BigInt(params.awardSignBp),
    BigInt(params.awardDelayBlocks),
    BigInt(params.rewardPerS),
    BigInt(params.halvingMs),
    pair(params.feeOut, params.feeIn),
    BigInt(params.targetOutputsPerEpoch),
    BigInt(params.payloadTtlMs),
    BigInt(params.packetMinMs),
    BigInt(params.packetMaxMs),
    BigInt(params.claimRefWindow),
    BigInt(params.snapshotKeepEpochs),
    BigInt(params.maxBlockBytes),
    BigInt(params.maxBlockOutputs),
  ];
}

/** Number of u64 rows in 0.4. */
export const PARAM_COUNT = 28;

/** The inverse of {@link listParams}; the caller has checked that there are 28 rows and that each is below 2^53 where it must be. */
export function paramsOf(rows: readonly bigint[]): NetworkParams {
  const row = (number: number): number => Number(rows[number - 1]!);
  const hi = (number: number): number => Number(rows[number - 1]! >> 32n);
  const lo = (number: number): number => Number(rows[number - 1]! & 0xffff_ffffn);
  return {
    epochMs: row(1),
    minBlockMs: row(2),
    emptyBlockMs: row(3),
    proposeMs: hi(4),
    proposeStepMs: lo(4),
    voteMs: hi(5),
    voteStepMs: lo(5),
    maxValidators: row(6),
    minStake: row(7),
    maxChurnBp: row(8),
    unbondingMs: row(9),
    evidenceMs: row(10),
    trustingMs: row(11),
    deadEpochs: row(12),
    slashBp: row(13),
    weekEpochs: row(14),
    awardBp: row(15),
    awardSignBp: row(16),
    awardDelayBlocks: row(17),
    rewardPerS: row(18),
    halvingMs: row(19),
    feeOut: hi(20),
    feeIn: lo(20),
    targetOutputsPerEpoch: row(21),
    payloadTtlMs: row(22),
    packetMinMs: row(23),
    packetMaxMs: row(24),
    claimRefWindow: row(25),
    snapshotKeepEpochs: row(26),
    maxBlockBytes: row(27),
    maxBlockOutputs: row(28),
  };
}

/** params_hash of 0.4; it stands in every header. */
export function paramsHash(params: NetworkParams): Hash {
  const writer = new Writer(8 * PARAM_COUNT);
  for (const row of listParams(params)) writer.u64(row);
  return hash32("stg/params", writer.finish());
}
