import { concatBytes } from "../bytes/concat-bytes.ts";
import { u32 } from "../bytes/writer.ts";
import type { StakeCore } from "./output.ts";

/** What the key of a stake signs to accept it (ST-1): nobody can stake on another's key, nor sum keys up to a rogue one. */
export function possessionMessage(
  chainId: number,
  stake: Pick<StakeCore, "blsKey" | "oneTimeKey" | "reward">,
): Uint8Array {
  return concatBytes(stake.blsKey, u32(chainId), stake.oneTimeKey, stake.reward.spendKey, stake.reward.viewKey);
}
