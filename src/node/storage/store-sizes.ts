import type { ClassicLevel } from "classic-level";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { KEY_SPACE, type KeySpace } from "./key-spaces.ts";

/** What a node holds, by what it is for: bytes on disk. `recent`: written last, and not sorted into the others yet. */
export type StoreSizes = Readonly<Record<StoreClass | "recent", number>>;

/** The records behind each class. Every key space is in one. */
const CLASSES = {
  /** Live outputs with the height and state of their leaves. */
  outputs: [KEY_SPACE.leaf],
  /** Range proofs of live outputs. */
  proofs: [KEY_SPACE.rangeProof],
  /** Nodes of the state tree, and what makes the last boundaries readable. */
  tree: [
    KEY_SPACE.node,
    KEY_SPACE.tile,
    KEY_SPACE.rangeRoots,
    KEY_SPACE.journal,
    KEY_SPACE.journalLeaves,
    KEY_SPACE.snapshotTail,
  ],
  /** Payloads of the window, and cores of what was spent in it. */
  payloads: [KEY_SPACE.payload, KEY_SPACE.core],
  compact: [KEY_SPACE.compact],
  headers: [KEY_SPACE.header, KEY_SPACE.certificate, KEY_SPACE.boundary],
  blocks: [KEY_SPACE.block, KEY_SPACE.txids],
  validators: [KEY_SPACE.validatorSet],
  indexes: [
    KEY_SPACE.blockHeight,
    KEY_SPACE.transactionPlace,
    KEY_SPACE.publicPayment,
    KEY_SPACE.packetCoin,
    KEY_SPACE.coinPacket,
    KEY_SPACE.pinnedPacket,
    KEY_SPACE.packetExpiry,
  ],
  awards: [KEY_SPACE.award],
  /** Where a restart goes on. */
  tip: [KEY_SPACE.meta, KEY_SPACE.log, KEY_SPACE.joinedRange],
} as const satisfies Readonly<Record<string, readonly KeySpace[]>>;

type StoreClass = keyof typeof CLASSES;

/** By the database's own account of its files, compressed as they are; `directory` is where they lie. */
export async function readSizes(
  database: ClassicLevel<Uint8Array, Uint8Array>,
  directory: string,
): Promise<StoreSizes> {
  const entries = Object.entries(CLASSES).map(async ([name, spaces]) => {
    const sizes = spaces.map((space) => database.approximateSize(Uint8Array.of(space), Uint8Array.of(space + 1)));
    return [name, (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)] as const;
  });
  const sorted = await Promise.all(entries);
  const known = sorted.reduce((sum, [, size]) => sum + size, 0);
  const recent = Math.max(0, (await directorySize(directory)) - known);
  return { ...(Object.fromEntries(sorted) as Record<StoreClass, number>), recent };
}

/** Bytes of the files in a folder; a file that is deleted meanwhile counts nothing. */
async function directorySize(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = names.map((name) =>
    stat(join(directory, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
