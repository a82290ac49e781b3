import type { LeafRecord, LedgerChanges, LedgerReader } from "../../src/core/ports/ledger-reader.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import type { LeafIndex } from "../../src/core/values/height.ts";

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
