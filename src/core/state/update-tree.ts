import { sha256Hash } from "../crypto/tagged-hash.ts";
import { isZeroHash, ZERO_HASH, type Hash } from "../values/hash.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import {
  decodeTileRecord,
  encodeTileRecord,
  GROUP_LEAVES,
  GROUP_LEVEL,
  isGroupLive,
  scanBytes,
  scanEntry,
  type TileRecord,
} from "./tile-record.ts";
import {
  foldRoot,
  HALF_LEVEL,
  nodeHash,
  nodeKey,
  TILE_LEAVES,
  TILE_LEVELS,
  tileHash,
  tileIndexOf,
  TREE_LEVELS,
  type TileLeaf,
  type TreeSource,
} from "./tree.ts";

const HALF_GROUPS = 2 ** (HALF_LEVEL - GROUP_LEVEL);

/** New root, and the nodes and tile records that differ; undefined = nothing live any more. */
export interface TreeUpdate {
  readonly root: Hash;
  readonly nodes: ReadonlyMap<string, Hash | undefined>;
  readonly tiles: ReadonlyMap<number, Uint8Array | undefined>;
}

/** The changed places of one tile. */
type PlaceChanges = ReadonlyMap<number, TileLeaf | undefined>;

/** What some changed leaves (undefined = no longer live) do to the tree. */
export function updateTree(source: TreeSource, changed: ReadonlyMap<LeafIndex, TileLeaf | undefined>): TreeUpdate {
  const byTile = new Map<number, Map<number, TileLeaf | undefined>>();
  for (const [leaf, value] of changed) {
    const index = tileIndexOf(leaf);
    const places = byTile.get(index) ?? new Map<number, TileLeaf | undefined>();
    byTile.set(index, places.set(leaf % TILE_LEAVES, value));
  }
  const nodes = new Map<string, Hash | undefined>();
  const tiles = new Map<number, Uint8Array | undefined>();
  const set = (level: number, position: number, value: Hash): void => {
    nodes.set(nodeKey(level, position), isZeroHash(value) ? undefined : value);
  };
  let dirty = new Map<number, Hash>();
  for (const [index, places] of byTile) {
    const { node, halves, record } = changeTile(source, index, places);
    tiles.set(index, record);
    halves.forEach((half, place) => set(HALF_LEVEL, 2 * index + place, half));
    dirty.set(index, node);
  }
  for (let level = TILE_LEVELS; ; level++) {
    for (const [position, value] of dirty) set(level, position, value);
    if (level === TREE_LEVELS) break;
    dirty = parentsOf(source, level, dirty);
  }
  return { root: dirty.get(0) ?? source.node(TREE_LEVELS, 0), nodes, tiles };
}

interface ChangedTile {
  readonly node: Hash;
  readonly halves: readonly Hash[];
  readonly record: Uint8Array | undefined;
}

function changeTile(source: TreeSource, index: number, places: PlaceChanges): ChangedTile {
  const stored = source.record(index);
  const before = stored === undefined ? undefined : decodeTileRecord(stored);
  const entries = changedEntries(source, index, before, places);
  if (entries.every((entry) => entry === undefined)) {
    return { node: ZERO_HASH, halves: [ZERO_HASH, ZERO_HASH], record: undefined };
  }
  const groups = changedGroups(source, index, before, { entries, places });
  const halves = [0, 1].map((half) => {
    const isSame = before !== undefined && ![...places.keys()].some((place) => place >> HALF_LEVEL === half);
    return isSame
      ? source.node(HALF_LEVEL, 2 * index + half)
      : foldRoot(groups.slice(half * HALF_GROUPS, (half + 1) * HALF_GROUPS));
  });
  const scan = scanBytes(entries);
  const node = tileHash(sha256Hash(scan), nodeHash(halves[0]!, halves[1]!));
  return { node, halves, record: encodeTileRecord(scan, groups) };
}

/** Without a record (a tile that is new, or that an older program wrote) the leaves say it. */
function changedEntries(
  source: TreeSource,
  index: number,
  before: TileRecord | undefined,
  places: PlaceChanges,
): TileRecord["entries"] {
  const read = (place: number): Uint8Array | undefined => {
    const leaf = source.leaf(leafIndex(index * TILE_LEAVES + place));
    return leaf === undefined ? undefined : scanEntry(leaf);
  };
  const entries =
    before === undefined ? Array.from({ length: TILE_LEAVES }, (_, place) => read(place)) : [...before.entries];
  for (const [place, leaf] of places) entries[place] = leaf === undefined ? undefined : scanEntry(leaf);
  return entries;
}

function changedGroups(
  source: TreeSource,
  index: number,
  before: TileRecord | undefined,
  { entries, places }: { readonly entries: TileRecord["entries"]; readonly places: PlaceChanges },
): readonly Hash[] {
  const hashAt = (place: number): Hash => {
    if (entries[place] === undefined) return ZERO_HASH;
    return (places.get(place) ?? source.leaf(leafIndex(index * TILE_LEAVES + place))!).hash;
  };
  const touched = new Set([...places.keys()].map((place) => Math.floor(place / GROUP_LEAVES)));
  return Array.from({ length: TILE_LEAVES / GROUP_LEAVES }, (_, group) => {
    if (before !== undefined && !touched.has(group)) return before.groups[group]!;
    if (!isGroupLive(entries, group)) return ZERO_HASH;
    return foldRoot(Array.from({ length: GROUP_LEAVES }, (_leaf, place) => hashAt(group * GROUP_LEAVES + place)));
  });
}

function parentsOf(source: TreeSource, level: number, dirty: ReadonlyMap<number, Hash>): Map<number, Hash> {
  const parents = new Map<number, Hash>();
  const read = (position: number): Hash => dirty.get(position) ?? source.node(level, position);
  for (const position of dirty.keys()) {
    const parent = Math.floor(position / 2);
    if (!parents.has(parent)) parents.set(parent, nodeHash(read(2 * parent), read(2 * parent + 1)));
  }
  return parents;
}
