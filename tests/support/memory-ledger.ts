import type { LeafRecord, LedgerChanges, LedgerReader } from "../../src/core/ports/ledger-reader.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import { decodeOutputCore, OUTPUT_TYPE } from "../../src/core/chain/output.ts";
import type { LeafIndex, TimeMs } from "../../src/core/values/height.ts";

/** A committed ledger as maps. */
export class MemoryLedger implements LedgerReader {
  readonly leaves = new Map<LeafIndex, LeafRecord>();
  readonly nodes = new Map<string, Hash>();
  readonly tiles = new Map<number, Uint8Array>();

  leaf(index: LeafIndex): LeafRecord | undefined {
    return this.leaves.get(index);
  }

  node(level: number, position: number): Hash | undefined {
    return this.nodes.get(`${level}:${position}`);
  }

  tile(index: number): Uint8Array | undefined {
    return this.tiles.get(index);
  }

  expiredPackets(at: TimeMs, countMax: number): readonly LeafIndex[] {
    return expiredAmong(this.leaves, at, countMax);
  }

  apply(changes: LedgerChanges): void {
    change(this.leaves, changes.leaves);
    change(this.nodes, changes.nodes);
    change(this.tiles, changes.tiles);
  }
}

function change<Key, Value>(target: Map<Key, Value>, changes: ReadonlyMap<Key, Value | undefined>): void {
  for (const [key, value] of changes) {
    if (value === undefined) target.delete(key);
    else target.set(key, value);
  }
}

/** By the definition of RP-7. */
export function expiredAmong(
  leaves: ReadonlyMap<LeafIndex, LeafRecord>,
  at: TimeMs,
  countMax: number,
): readonly LeafIndex[] {
  const expired = [...leaves].flatMap(([leaf, { core }]) => {
    if (core[0] !== OUTPUT_TYPE.packet) return [];
    const packet = decodeOutputCore(core);
    return packet.type === "packet" && packet.expiry <= at ? [{ leaf, expiry: packet.expiry }] : [];
  });
  expired.sort((left, right) => left.expiry - right.expiry || left.leaf - right.leaf);
  return expired.slice(0, countMax).map(({ leaf }) => leaf);
}
