import type { ClassicLevel } from "classic-level";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import type { KeptFrom } from "../../core/ports/full-node-store.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import { META } from "./commit-operations.ts";
import { metaKey, type StoreOperation } from "./key-spaces.ts";
import { plainBytes } from "./plain-bytes.ts";

/** Up to where each kind has been deleted; each place is that of the next height. */
export interface Places extends KeptFrom {
  /** Spent outputs of lower heights have no range proof any more. */
  readonly proofs: Height;
  /** First output of the window. */
  readonly windowLeaf: LeafIndex;
  /** First output whose payload is kept if it lives; that of {@link KeptFrom.payloads} or behind. */
  readonly payloadLeaf: LeafIndex;
}

export async function readPlaces(database: ClassicLevel<Uint8Array, Uint8Array>): Promise<Places> {
  const { prunedProofs, prunedBlocks, prunedWindow, prunedPayloads } = META;
  const keys = [prunedProofs, prunedBlocks, prunedWindow, prunedPayloads].map(metaKey);
  const [proofs, blocks, window, payloads] = (await database.getMany(keys)).map(decodePlace);
  const start = window ?? BEGINNING;
  // Where there is no place of payloads yet, all of them went with the window.
  const payloadStart = payloads ?? start;
  return {
    proofs: (proofs ?? BEGINNING).at,
    blocks: (blocks ?? BEGINNING).at,
    window: start.at,
    windowLeaf: start.leaf,
    payloads: payloadStart.at,
    payloadLeaf: payloadStart.leaf,
  };
}

/** Where a database begins that has nothing of a boundary and of what lies below it but what lives. */
export function placesBehind(boundary: Height, nextLeaf: number): Places {
  const [next, leaf] = [height(boundary + 1), leafIndex(nextLeaf)];
  return { proofs: next, blocks: next, window: next, windowLeaf: leaf, payloads: next, payloadLeaf: leaf };
}

/** The records of the places. */
export function placeOperations(places: Places): readonly StoreOperation[] {
  const record = (name: number, at: Height, leaf = 0): StoreOperation => ({
    type: "put",
    key: metaKey(name),
    value: new Writer(13).u64(at).u40(leaf).finish(),
  });
  return [
    record(META.prunedProofs, places.proofs),
    record(META.prunedBlocks, places.blocks),
    record(META.prunedWindow, places.window, places.windowLeaf),
    record(META.prunedPayloads, places.payloads, places.payloadLeaf),
  ];
}

interface Place {
  readonly at: Height;
  readonly leaf: LeafIndex;
}

const BEGINNING: Place = { at: height(0), leaf: leafIndex(0) };

function decodePlace(bytes: Uint8Array | undefined): Place | undefined {
  if (bytes === undefined) return undefined;
  return decodeWhole(plainBytes(bytes), (reader) => ({ at: height(reader.u53()), leaf: leafIndex(reader.u40()) }));
}
