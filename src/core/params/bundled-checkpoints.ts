import type { Hash } from "../values/hash.ts";
import type { Height, TimeMs } from "../values/height.ts";
import type { NetworkName } from "../values/network.ts";

/** A boundary block that a release of the app vouches for (LC-4). It counts while it is younger than trusting_ms. */
export interface BundledCheckpoint {
  readonly genesisHash: Hash;
  readonly height: Height;
  readonly blockId: Hash;
  readonly timeMs: TimeMs;
}

export type BundledCheckpoints = Readonly<Record<NetworkName, readonly BundledCheckpoint[]>>;

/**
 * Those of this release. Main and test have not begun, so there is nothing to vouch for yet; every dev network is
 * another one, and its own origin names its checkpoint.
 */
export const BUNDLED_CHECKPOINTS: BundledCheckpoints = { main: [], test: [], dev: [] };
