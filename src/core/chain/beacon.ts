import { u32, u64 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import type { Hash } from "../values/hash.ts";
import type { Height } from "../values/height.ts";

/** beacon_0 (6.3). */
export function genesisBeacon(genesisHash: Hash): Hash {
  return hash32("stg/beacon0", genesisHash);
}

/** The 32 bytes the proposer of a height signs for the beacon; nothing of the block enters, so it cannot be ground (6.3). */
export function beaconMessage(chainId: number, blockHeight: Height, previous: Hash): Hash {
  return hash32("stg/beacon-msg", u32(chainId), u64(blockHeight), previous);
}

/** beacon_h out of the beacon before and the proposer's unique BLS signature (6.3). */
export function nextBeacon(previous: Hash, signature: Uint8Array): Hash {
  return hash32("stg/beacon", previous, signature);
}
