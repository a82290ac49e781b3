import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { BLS_KEY_SIZE } from "../params/limits.ts";
import { MICRO_PER_STG } from "../values/amount.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import { readStakeState, writeStakeState, type StakeState } from "./leaf-state.ts";

/** A live stake: whose it is and its state. */
export interface Stake {
  readonly leaf: LeafIndex;
  readonly blsKey: Uint8Array;
  readonly state: StakeState;
}

/** Live stakes of one chain (ST-9): more would be refused when a node reads its own tip again. */
export const STAKES_MAX = 1_000_000;

export function writeStakes(writer: Writer, stakes: readonly Stake[]): void {
  writer.u32(stakes.length).list(stakes, (out, stake) => {
    out.u40(stake.leaf).fixed(stake.blsKey, BLS_KEY_SIZE);
    writeStakeState(out, stake.state);
  });
}

export function readStakes(reader: Reader): readonly Stake[] {
  const stakes = reader.list(reader.u32(), STAKES_MAX, (from) => ({
    leaf: leafIndex(from.u40()),
    blsKey: from.bytes(BLS_KEY_SIZE),
    state: readStakeState(from),
  }));
  for (let index = 1; index < stakes.length; index++) {
    if (stakes[index - 1]!.leaf >= stakes[index]!.leaf) throw new DecodeError("stakes not ascending");
  }
  return stakes;
}

/** A stake may be a tenth of what a seat needs, so that several people can fill one (ST-1). */
const STAKE_SHARE = 10n;

/** ST-1: is so much worth being locked? */
export function isEnoughStake(micro: bigint, minStake: number): boolean {
  return micro >= stakeMin(minStake);
}

/** The least that may be locked, in µSTG (ST-1). */
export function stakeMin(minStake: number): bigint {
  return (BigInt(minStake) + STAKE_SHARE - 1n) / STAKE_SHARE;
}

/** The live stake at a leaf. */
export function stakeAt(stakes: readonly Stake[], leaf: LeafIndex): Stake | undefined {
  let [low, high] = [0, stakes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stakes[middle]!.leaf < leaf) low = middle + 1;
    else high = middle;
  }
  return stakes[low]?.leaf === leaf ? stakes[low] : undefined;
}

/**
 * Live stakes of each of these keys, which differ, in their order. One pass that compares few bytes: a chain may have
 * {@link STAKES_MAX} stakes, and a pool asks this for each transaction that makes one.
 */
export function countStakes(stakes: readonly Stake[], blsKeys: readonly Uint8Array[]): readonly number[] {
  const counts = blsKeys.map(() => 0);
  const places = new Map<number, number[]>();
  for (const [at, blsKey] of blsKeys.entries()) places.set(mark(blsKey), [...(places.get(mark(blsKey)) ?? []), at]);
  for (const { blsKey } of stakes) {
    for (const at of places.get(mark(blsKey)) ?? []) if (equalBytes(blsKeys[at]!, blsKey)) counts[at]!++;
  }
  return counts;
}

/** Four bytes that tell most keys apart. */
function mark(blsKey: Uint8Array): number {
  return (blsKey[4]! << 24) | (blsKey[5]! << 16) | (blsKey[6]! << 8) | blsKey[7]!;
}

/** Whole STG of some µSTG: the power of a seat (6.1). */
export function powerOf(micro: bigint): number {
  return Number(micro / MICRO_PER_STG);
}
