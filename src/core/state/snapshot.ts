import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import type { Header } from "../chain/header.ts";
import { decodeOutputCore } from "../chain/output.ts";
import { readValidatorSet, validatorSetHash, writeValidatorSet, type ValidatorSet } from "../chain/validator-set.ts";
import { decodeFrontier, encodeFrontier, frontierRoot, frontierSize, type MerkleFrontier } from "../crypto/merkle.ts";
import type { LeafRecord } from "../ports/ledger-reader.ts";
import { ZERO_HASH, type Hash } from "../values/hash.ts";
import type { Height, LeafIndex } from "../values/height.ts";
import { auxRoot, readAuxRecords, writeAuxRecords, type AuxRecords } from "./aux-records.ts";
import { decodeStakeState } from "./leaf-state.ts";
import type { ChainConstants, LedgerTip } from "./ledger-tip.ts";
import { RANGE_LEVEL } from "./range-answer.ts";
import type { Stake } from "./stakes.ts";
import { nodeKey, tileLeafOf, type TreeSource } from "./tree.ts";
import { updateTree } from "./update-tree.ts";

/** What a snapshot carries besides live outputs (BL-12). */
export interface SnapshotTail {
  readonly aux: AuxRecords;
  /** The set of next_val_hash. */
  readonly nextValidators: ValidatorSet;
  /** Behind hist_root. */
  readonly history: MerkleFrontier;
}

/** `aux records ‖ valset ‖ frontier ‖ n_pinned u32 = 0`: pinned packets stand behind the tiles of their coins. */
export function encodeSnapshotTail({ aux, nextValidators, history }: SnapshotTail): Uint8Array {
  const writer = new Writer(8192);
  writeAuxRecords(writer, aux);
  writeValidatorSet(writer, nextValidators);
  return writer.bytes(encodeFrontier(history)).u32(0).finish();
}

/** Reads the tail of the snapshot at a height; nothing in it counts before {@link isTailOf}. */
export function readSnapshotTail(reader: Reader, at: Height): SnapshotTail {
  const aux = readAuxRecords(reader);
  const nextValidators = readValidatorSet(reader);
  const history = decodeFrontier(at, reader.bytes(frontierSize(at)));
  const pinned = reader.u32();
  if (pinned !== 0) throw new DecodeError(`${pinned} pinned packets`);
  return { aux, nextValidators, history };
}

/** Does all of it stand under this header? */
export function isTailOf(header: Header, { aux, nextValidators, history }: SnapshotTail): boolean {
  return (
    equalBytes(auxRoot(aux), header.auxRoot) &&
    equalBytes(validatorSetHash(nextValidators), header.nextValHash) &&
    equalBytes(frontierRoot(history), header.histRoot)
  );
}

/** The part of the tree below the node of one range. */
export interface RangeTree {
  /** Level 10; compared with the certified list of range roots (BL-8). */
  readonly node: Hash;
  /** Levels 6 to 10, those that are not zero, by `level:position`. */
  readonly nodes: ReadonlyMap<string, Hash>;
  readonly tiles: ReadonlyMap<number, Uint8Array>;
}

const EMPTY_TREE: TreeSource = { leaf: () => undefined, record: () => undefined, node: () => ZERO_HASH };

/** What the live outputs of one range make of it. They all stand in this range. */
export function rangeTreeOf(range: number, live: ReadonlyMap<LeafIndex, LeafRecord>): RangeTree {
  const leaves = new Map([...live].map(([leaf, record]) => [leaf, tileLeafOf(leaf, record)]));
  const { nodes, tiles } = updateTree(EMPTY_TREE, leaves);
  const below = new Map<string, Hash>();
  for (const [name, node] of nodes) {
    if (node !== undefined && Number(name.slice(0, name.indexOf(":"))) <= RANGE_LEVEL) below.set(name, node);
  }
  const records = [...tiles].flatMap(([index, record]) => (record === undefined ? [] : [[index, record] as const]));
  return { node: below.get(nodeKey(RANGE_LEVEL, range)) ?? ZERO_HASH, nodes: below, tiles: new Map(records) };
}

/** The stake behind a live leaf; undefined for other types. */
export function stakeOf(leaf: LeafIndex, record: LeafRecord): Stake | undefined {
  const core = decodeOutputCore(record.core);
  if (core.type !== "stake") return undefined;
  return { leaf, blsKey: core.blsKey, state: decodeStakeState(record.stateFields) };
}

/** Where a node goes on that joined at a boundary: all of it stands under the header, or follows from what does. */
export function snapshotTip(
  chain: ChainConstants,
  boundary: { readonly header: Header; readonly blockId: Hash; readonly validators: ValidatorSet },
  tail: SnapshotTail,
  live: Pick<LedgerTip, "stakes" | "packets" | "recentIds">,
): LedgerTip {
  const { header } = boundary;
  // The last block of an epoch gives the seed of the next one (CO-16).
  return { chain, ...boundary, ...tail, epochSeed: header.beacon, ...live };
}
