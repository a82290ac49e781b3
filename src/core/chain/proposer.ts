import { u32, u64 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { uniformDraw } from "../crypto/uniform-draw.ts";
import type { Hash } from "../values/hash.ts";
import type { Height } from "../values/height.ts";
import { totalPower, type ValidatorSet } from "./validator-set.ts";

/** CO-16: the seat whose turn it is in this round, drawn by power. `epochSeed` is fixed for a whole epoch. */
export function proposer(epochSeed: Hash, blockHeight: Height, round: number, validators: ValidatorSet): number {
  let rest = uniformDraw(hash32("stg/prop", epochSeed, u64(blockHeight), u32(round)), totalPower(validators));
  // The draw is below the total, so the walk always stops on a seat.
  return validators.findIndex((validator) => {
    rest -= validator.power;
    return rest < 0;
  });
}
