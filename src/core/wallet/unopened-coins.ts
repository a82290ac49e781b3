import type { LeafIndex } from "../values/height.ts";
import type { WantedPacket } from "./restore-packets.ts";
import type { ScannedBlock } from "./scanned-block.ts";

/**
 * Coins that were drawn from packets and that only the core of their packet can open, where nobody has given it yet
 * (OU-11): the leaf of each with that of its packet. They are looked at again at the next boundary.
 */
export type UnopenedCoins = ReadonlyMap<LeafIndex, LeafIndex>;

export const NO_UNOPENED: UnopenedCoins = new Map();
/** Only we can make most of them, and 4 of 65536 strangers' refunds look like ours: the oldest go first. */
export const UNOPENED_COINS_MAX = 1_024;

/** Some more of them. */
export function addUnopened(unopened: UnopenedCoins, wanted: readonly WantedPacket[]): UnopenedCoins {
  if (wanted.length === 0) return unopened;
  const all = new Map(unopened);
  for (const { leaf, packetLeaf } of wanted) all.set(leaf, packetLeaf);
  return new Map([...all].slice(-UNOPENED_COINS_MAX));
}

/** Those of a block beside those that were there before, without what it spends. */
export function passUnopened(unopened: UnopenedCoins, { spent, wanted = [] }: ScannedBlock): UnopenedCoins {
  const gone = new Set(spent);
  const added = addUnopened(unopened, wanted);
  if (![...added.keys()].some((leaf) => gone.has(leaf))) return added;
  return new Map([...added].filter(([leaf]) => !gone.has(leaf)));
}
