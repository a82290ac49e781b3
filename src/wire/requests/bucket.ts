import { isZeroBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Reader } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { encodeOutputCore, readOutputCore, type OutputCore } from "../../core/chain/output.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import type { Height } from "../../core/values/height.ts";
import { decodeTypedFrame } from "../frame.ts";
import { BUCKET_FRAME_BYTES_MAX, BUCKET_IDS_COUNT, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";
import { readHeight } from "../read-height.ts";
import { readFlag } from "./certified-header.ts";
import { readPayload, writePayload, type ServedOutput } from "./served-output.ts";

const TYPE_REQUEST = 1;
const TYPE_BUCKET = 1;

/** Consecutive outputs in one bucket (NW-7). */
export const BUCKET_SLOTS = 64;
/** Leaf numbers fit 40 bits and a bucket covers 64 of them. */
const BUCKET_ID_LIMIT = 2 ** 34;
/** Levels of the tree above the tiles (5.1). */
const UPPER_LEVELS = 33;
/** status1 amount_now8 release8 (BL-1). */
const STAKE_STATE_SIZE = 17;

export interface BucketRequest {
  /** A boundary that the server still has, or 0 for its newest height (NW-14). */
  readonly at: Height;
  readonly withPayloads: boolean;
  /** Three ids, ascending and distinct. */
  readonly buckets: readonly number[];
}

/** One output of a bucket. A dead one is given while the server keeps it, and proves nothing by itself (BL-15). */
export interface BucketSlot extends ServedOutput {
  readonly isLive: boolean;
  /** Height of the block that made it. */
  readonly height: Height;
  /** BL-1; empty for types without state and for dead outputs. */
  readonly stateFields: Uint8Array;
}

/** The path from a bucket to the root (BL-15); `core/state/bucket-proof.ts` folds it. */
export interface BucketPath {
  /** Root of the other half of the tile. */
  readonly other: Hash;
  readonly scan: Hash;
  /** The sibling at each of the 33 upper levels, from the bottom; undefined stands for a zero one. */
  readonly siblings: readonly (Hash | undefined)[];
}

export interface BucketAnswer {
  /** The height the server used. */
  readonly at: Height;
  /** 64 of them; undefined = not yet existing, or dead and dropped. */
  readonly slots: readonly (BucketSlot | undefined)[];
  readonly path: BucketPath;
}

export function encodeBucketRequest(request: BucketRequest): Uint8Array {
  if (request.buckets.length !== BUCKET_IDS_COUNT) throw new RangeError(`exactly ${BUCKET_IDS_COUNT} buckets`);
  const writer = new Writer(25)
    .u8(TYPE_REQUEST)
    .u64(request.at)
    .u8(request.withPayloads ? 1 : 0);
  return writer.list(request.buckets, (out, id) => out.u40(id)).finish();
}

export function decodeBucketRequest(frame: Uint8Array): BucketRequest {
  return decodeTypedFrame(frame, TYPE_REQUEST, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const at = readHeight(reader);
    const withPayloads = readFlag(reader);
    const buckets = reader.list(BUCKET_IDS_COUNT, BUCKET_IDS_COUNT, (from) => from.u40());
    buckets.forEach((id, index) => {
      if (id >= BUCKET_ID_LIMIT) throw new DecodeError(`bucket ${id}`);
      if (index > 0 && buckets[index - 1]! >= id) throw new DecodeError("buckets not ascending");
    });
    return { at, withPayloads, buckets };
  });
}

function writeSlot(writer: Writer, slot: BucketSlot | undefined): void {
  writer.u8(slot === undefined ? 0 : 1);
  if (slot === undefined) return;
  writer
    .u8(slot.isLive ? 1 : 0)
    .u64(slot.height)
    .bytes(encodeOutputCore(slot.core));
  writer.fixed(slot.stateFields, stateFieldsSize(slot.core, slot.isLive));
  writePayload(writer, slot.payload);
}

function stateFieldsSize(core: OutputCore, isLive: boolean): number {
  return core.type === "stake" && isLive ? STAKE_STATE_SIZE : 0;
}

function readSlot(reader: Reader): BucketSlot | undefined {
  if (!readFlag(reader)) return undefined;
  const isLive = readFlag(reader);
  const madeAt = readHeight(reader);
  const core = readOutputCore(reader);
  const stateFields = reader.bytes(stateFieldsSize(core, isLive));
  return { isLive, height: madeAt, core, stateFields, payload: readPayload(reader, core) };
}

function writePath(writer: Writer, path: BucketPath): void {
  if (path.siblings.length !== UPPER_LEVELS) throw new RangeError(`${UPPER_LEVELS} siblings`);
  writer.fixed(path.other, 32).fixed(path.scan, 32);
  writer.u40(
    path.siblings.reduce<number>((mask, sibling, level) => mask + (sibling === undefined ? 0 : 2 ** level), 0),
  );
  for (const sibling of path.siblings) if (sibling !== undefined) writer.fixed(sibling, 32);
}

function readPath(reader: Reader): BucketPath {
  const other = hash(reader.bytes(32));
  const scan = hash(reader.bytes(32));
  const mask = reader.u40();
  if (mask >= 2 ** UPPER_LEVELS) throw new DecodeError("mask above the root");
  const siblings = Array.from({ length: UPPER_LEVELS }, (_, level) => {
    if (Math.floor(mask / 2 ** level) % 2 === 0) return undefined;
    const sibling = hash(reader.bytes(32));
    if (isZeroBytes(sibling)) throw new DecodeError("zero sibling sent");
    return sibling;
  });
  return { other, scan, siblings };
}

/** One bucket of the answer; the frames come in the order of the request. */
export function encodeBucketAnswer(answer: BucketAnswer): Uint8Array {
  if (answer.slots.length !== BUCKET_SLOTS) throw new RangeError(`${BUCKET_SLOTS} slots`);
  const writer = new Writer(4096).u8(TYPE_BUCKET).u64(answer.at).list(answer.slots, writeSlot);
  writePath(writer, answer.path);
  return writer.finish();
}

export function decodeBucketAnswer(frame: Uint8Array): BucketAnswer {
  return decodeTypedFrame(frame, TYPE_BUCKET, BUCKET_FRAME_BYTES_MAX, (reader) => ({
    at: readHeight(reader),
    slots: reader.list(BUCKET_SLOTS, BUCKET_SLOTS, readSlot),
    path: readPath(reader),
  }));
}
