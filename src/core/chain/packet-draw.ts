import { compareBytes } from "../bytes/compare-bytes.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { uniformDraw } from "../crypto/uniform-draw.ts";
import type { Hash } from "../values/hash.ts";

/** The place of a claim among those given, and the slot it gets. */
export interface DrawnSlot {
  readonly place: number;
  readonly slot: number;
}

/**
 * RP-6: which of the remaining slots of a packet the claims of one block get, in draw order. `claimHashes` are their mc
 * (9.3), `beacon` that of the block two later, `remaining` ascending: the answer hangs on nothing else, so whoever has
 * these can check a draw. Claims beyond the remaining slots would be a block that nobody accepts (RP-5).
 */
export function drawSlots(
  beacon: Hash,
  claimHashes: readonly Hash[],
  remaining: readonly number[],
): readonly DrawnSlot[] {
  if (claimHashes.length > remaining.length)
    throw new RangeError(`${claimHashes.length} claims, ${remaining.length} left`);
  const order = claimHashes
    .map((mc, place) => ({ mc, place, rank: hash32("stg/rp/ord", beacon, mc) }))
    .sort((left, right) => compareBytes(left.rank, right.rank));
  const left = [...remaining];
  return order.map(({ mc, place }) => {
    const [slot] = left.splice(uniformDraw(hash32("stg/rp/slot", beacon, mc), left.length), 1);
    return { place, slot: slot! };
  });
}

/** The paid bitmap once these slots are drawn as well (RP-6). */
export function paidAfter(paidBitmap: bigint, slots: readonly Pick<DrawnSlot, "slot">[]): bigint {
  return slots.reduce((bits, { slot }) => bits | (1n << BigInt(slot)), paidBitmap);
}
