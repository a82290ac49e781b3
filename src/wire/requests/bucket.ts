import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Reader } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { writeOutputCore, readOutputCore } from "../../core/chain/output.ts";
import {
  BUCKET_LEAVES,
  BUCKET_LIMIT,
  decodeBucketProof,
  encodeBucketProof,
  type BucketProof,
} from "../../core/state/bucket-proof.ts";
import { readStateFields } from "../../core/state/leaf-state.ts";
import { height, type Height } from "../../core/values/height.ts";
import { decodeTypedFrame } from "../frame.ts";
import { BUCKET_FRAME_BYTES_MAX, BUCKET_IDS_COUNT, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";
import { readFlag } from "./certified-header.ts";
import { readPayload, writePayload, type ServedOutput } from "./served-output.ts";

const TYPE_REQUEST = 1;
const TYPE_BUCKET = 1;

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

export interface BucketAnswer {
  /** The height the server used. */
  readonly at: Height;
  /** 64 of them; undefined = not yet existing, or dead and dropped. */
  readonly slots: readonly (BucketSlot | undefined)[];
  /** Checked against a certified header by `core/state/bucket-proof.ts`. */
  readonly proof: BucketProof;
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
    const at = height(reader.u53());
    const withPayloads = readFlag(reader);
    const buckets = reader.list(BUCKET_IDS_COUNT, BUCKET_IDS_COUNT, (from) => from.u40());
    buckets.forEach((id, index) => {
      if (id >= BUCKET_LIMIT) throw new DecodeError(`bucket ${id}`);
      if (index > 0 && buckets[index - 1]! >= id) throw new DecodeError("buckets not ascending");
    });
    return { at, withPayloads, buckets };
  });
}

function writeSlot(writer: Writer, slot: BucketSlot | undefined): void {
  writer.u8(slot === undefined ? 0 : 1);
  if (slot === undefined) return;
  writer.u8(slot.isLive ? 1 : 0).u64(slot.height);
  writeOutputCore(writer, slot.core);
  if (slot.isLive) writer.bytes(slot.stateFields);
  writePayload(writer, slot.payload);
}

function readSlot(reader: Reader): BucketSlot | undefined {
  if (!readFlag(reader)) return undefined;
  const isLive = readFlag(reader);
  const madeAt = height(reader.u53());
  const core = readOutputCore(reader);
  const stateFields = isLive ? readStateFields(reader, core.type) : new Uint8Array(0);
  return { isLive, height: madeAt, core, stateFields, payload: readPayload(reader, core) };
}

/** One bucket of the answer; the frames come in the order of the request. */
export function encodeBucketAnswer(answer: BucketAnswer): Uint8Array {
  if (answer.slots.length !== BUCKET_LEAVES) throw new RangeError(`${BUCKET_LEAVES} slots`);
  const writer = new Writer(4096).u8(TYPE_BUCKET).u64(answer.at).list(answer.slots, writeSlot);
  return writer.bytes(encodeBucketProof(answer.proof)).finish();
}

export function decodeBucketAnswer(frame: Uint8Array): BucketAnswer {
  return decodeTypedFrame(frame, TYPE_BUCKET, BUCKET_FRAME_BYTES_MAX, (reader) => ({
    at: height(reader.u53()),
    slots: reader.list(BUCKET_LEAVES, BUCKET_LEAVES, readSlot),
    proof: decodeBucketProof(reader.bytes(reader.remaining)),
  }));
}
