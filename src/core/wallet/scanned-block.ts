import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { Note } from "./note.ts";
import type { WantedPacket } from "./restore-packets.ts";
import type { RestoreBoundary } from "./restore-state.ts";
import type { StakeChange } from "./stake-state.ts";

/** One final block as the wallet sees it: nothing here was asked for because of what we own (NW-6). */
export interface ScannedBlock {
  readonly height: Height;
  readonly timeMs: TimeMs;
  readonly spent: readonly LeafIndex[];
  /** Number of the first new output. */
  readonly firstLeaf: LeafIndex;
  /** out_hash of every entry, in order. */
  readonly outputHashes: readonly Hash[];
  /** What the scan found in this block. */
  readonly notes: readonly Note[];
  /** Coins in it that only the core of their packet can open. */
  readonly wanted?: readonly WantedPacket[];
  /** What it did to stakes, anybody's. */
  readonly changed?: readonly StakeChange[];
  /** Where the block ends an epoch: a state that nodes serve ranges of. */
  readonly boundary?: RestoreBoundary | undefined;
}
