import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Reader } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { encodeOutputCore, OUTPUT_TYPE, readOutputCore, type OutputCore } from "../../core/chain/output.ts";
import { packetProofSize, type PacketCore } from "../../core/chain/packet-output.ts";
import { COIN_PROOF_SIZE } from "../../core/params/limits.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import { readStateFields } from "../../core/state/leaf-state.ts";
import { TILE_LEAVES } from "../../core/state/tree.ts";
import { height, LEAF_INDEX_LIMIT, leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import { decodeTypedFrame } from "../frame.ts";
import { REQUEST_FRAME_BYTES_MAX, SNAP_FRAME_BYTES_MAX } from "../limits.ts";
import { readFlag } from "./certified-header.ts";

const TYPE_REQUEST = 1;
/** Types of the items of an answer; `tailPart` has more of the tail behind it, `pinned` stands behind its tile. */
export const SNAP_ITEM_TYPE = { tile: 1, tail: 2, tailPart: 3, pinned: 4 } as const;

const BITMAP_SIZE = TILE_LEAVES / 8;

/** The live outputs at a boundary, tile by tile from one on, as many as an answer holds; behind the last the parts of the tail. */
export interface SnapRequest {
  readonly boundary: Height;
  /** The number of tiles asks for the tail alone, one more for its second part, and so on. */
  readonly fromTile: number;
}

/** A live output of a snapshot. */
export interface SnapLeaf {
  readonly record: LeafRecord;
  /** Of a coin, 576 bytes, or of a packet; undefined for other types and where the server has dropped it. */
  readonly rangeProof: Uint8Array | undefined;
}

/** The 128 places of a tile. */
export type SnapTile = readonly (SnapLeaf | undefined)[];

export function encodeSnapRequest({ boundary, fromTile }: SnapRequest): Uint8Array {
  return new Writer(17).u8(TYPE_REQUEST).u64(boundary).u64(fromTile).finish();
}

export function decodeSnapRequest(frame: Uint8Array): SnapRequest {
  return decodeTypedFrame(frame, TYPE_REQUEST, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const boundary = height(reader.u53());
    const fromTile = reader.u53();
    if (fromTile > LEAF_INDEX_LIMIT / TILE_LEAVES) throw new DecodeError(`tile ${fromTile}`);
    return { boundary, fromTile };
  });
}

/** `bitmap16 {height8 core state-fields has1 [rproof]}` of the live leaves, in order. */
export function encodeSnapTile(tile: SnapTile): Uint8Array {
  if (tile.length !== TILE_LEAVES) throw new RangeError(`${tile.length} leaves of a tile`);
  const bitmap = new Uint8Array(BITMAP_SIZE);
  tile.forEach((leaf, place) => {
    if (leaf !== undefined) bitmap[place >> 3]! |= 1 << (place & 7);
  });
  const writer = new Writer(4096).u8(SNAP_ITEM_TYPE.tile).bytes(bitmap);
  for (const leaf of tile) if (leaf !== undefined) writeLeaf(writer, leaf);
  return writer.finish();
}

function writeLeaf(writer: Writer, { record, rangeProof }: SnapLeaf): void {
  writer.u64(record.height).bytes(record.core).bytes(record.stateFields);
  writer.u8(rangeProof === undefined ? 0 : 1);
  if (rangeProof !== undefined) writer.bytes(rangeProof);
}

/** The form of a tile alone; its leaves count when their range's node stands under a certified root. */
export function decodeSnapTile(frame: Uint8Array): SnapTile {
  return decodeTypedFrame(frame, SNAP_ITEM_TYPE.tile, SNAP_FRAME_BYTES_MAX, (reader) => {
    const bitmap = reader.bytes(BITMAP_SIZE);
    return Array.from({ length: TILE_LEAVES }, (_, place) =>
      (bitmap[place >> 3]! & (1 << (place & 7))) === 0 ? undefined : readLeaf(reader),
    );
  });
}

function readLeaf(reader: Reader): SnapLeaf {
  const madeAt = height(reader.u53());
  const core = readOutputCore(reader);
  const stateFields = readStateFields(reader, core.type);
  const record = { height: madeAt, core: encodeOutputCore(core), stateFields };
  if (!readFlag(reader)) return { record, rangeProof: undefined };
  const size = ownProofSize(core);
  if (size === 0) throw new DecodeError(`range proof of a ${core.type} output`);
  return { record, rangeProof: reader.bytes(size) };
}

/** A packet that has ended, of which a coin lives: its proof is the coin's (BL-12). */
export interface PinnedPacket {
  readonly leaf: LeafIndex;
  readonly core: PacketCore;
  readonly rangeProof: Uint8Array;
}

/** Does an item of pinned packets stand behind this tile? Behind each that holds a coin drawn from a packet. */
export function hasPinnedItem(tile: SnapTile): boolean {
  return tile.some((leaf) => leaf?.record.core[0] === OUTPUT_TYPE.drawn);
}

/** `n u8 {leaf u40 core rproof}`, ascending by leaf: packets of the tile's coins that do not live at the boundary. */
export function encodeSnapPinned(packets: readonly PinnedPacket[]): Uint8Array {
  if (packets.length > TILE_LEAVES) throw new RangeError(`${packets.length} packets behind a tile`);
  const writer = new Writer(1024).u8(SNAP_ITEM_TYPE.pinned).u8(packets.length);
  return writer
    .list(packets, (out, { leaf, core, rangeProof }) => {
      out.u40(leaf).bytes(encodeOutputCore(core)).fixed(rangeProof, packetProofSize(core));
    })
    .finish();
}

/** The form alone; a packet counts where a coin of the tile was drawn from it, and its proof holds. */
export function decodeSnapPinned(frame: Uint8Array): readonly PinnedPacket[] {
  return decodeTypedFrame(frame, SNAP_ITEM_TYPE.pinned, SNAP_FRAME_BYTES_MAX, (reader) => {
    const packets = reader.list(reader.u8(), TILE_LEAVES, (from): PinnedPacket => {
      const leaf = leafIndex(from.u40());
      const core = readOutputCore(from);
      if (core.type !== "packet") throw new DecodeError(`a pinned ${core.type} output`);
      return { leaf, core, rangeProof: from.bytes(packetProofSize(core)) };
    });
    packets.forEach(({ leaf }, index) => {
      if (index > 0 && packets[index - 1]!.leaf >= leaf) throw new DecodeError("pinned packets not ascending");
    });
    return packets;
  });
}

/** Bytes of the range proof that an output brings itself; 0 where it brings none. */
function ownProofSize(core: OutputCore): number {
  if (core.type === "packet") return packetProofSize(core);
  return core.type === "coin" ? COIN_PROOF_SIZE : 0;
}
