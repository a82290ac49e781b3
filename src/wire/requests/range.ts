import { DecodeError } from "../../core/bytes/decode-error.ts";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeRangeAnswer, encodeRangeAnswer, RANGE_LIMIT, type RangeAnswer } from "../../core/state/range-answer.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import { height, type Height } from "../../core/values/height.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import {
  RANGE_ITEM_BYTES_MAX,
  RANGE_RANGES_MAX,
  RANGE_ROOTS_BYTES_MAX,
  RANGE_ROOTS_PER_FRAME_MAX,
  REQUEST_FRAME_BYTES_MAX,
} from "../limits.ts";

/** The two questions, each with answer items of the same type. */
export const RANGE_REQUEST_TYPE = { ranges: 1, roots: 2 } as const;

/** Ranges of the state at a boundary; answered by one item each, in this order (BL-7). */
export interface RangesRequest {
  readonly boundary: Height;
  /** 1..RANGE_RANGES_MAX, ascending and distinct. */
  readonly ranges: readonly number[];
}

/** The nodes of all ranges at a boundary, from range 0 to that of the newest output (BL-8). */
export interface RangeRootsRequest {
  readonly boundary: Height;
}

export function encodeRangesRequest({ boundary, ranges }: RangesRequest): Uint8Array {
  if (ranges.length === 0 || ranges.length > RANGE_RANGES_MAX) throw new RangeError(`1 to ${RANGE_RANGES_MAX} ranges`);
  const writer = new Writer(74).u8(RANGE_REQUEST_TYPE.ranges).u64(boundary).u8(ranges.length);
  return writer.list(ranges, (out, range) => out.u32(range)).finish();
}

export function decodeRangesRequest(frame: Uint8Array): RangesRequest {
  return decodeTypedFrame(frame, RANGE_REQUEST_TYPE.ranges, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const boundary = height(reader.u53());
    const ranges = reader.list(reader.u8(), RANGE_RANGES_MAX, (from) => from.u32());
    if (ranges.length === 0) throw new DecodeError("no range");
    ranges.forEach((range, index) => {
      if (range >= RANGE_LIMIT) throw new DecodeError(`range ${range}`);
      if (index > 0 && ranges[index - 1]! >= range) throw new DecodeError("ranges not ascending");
    });
    return { boundary, ranges };
  });
}

export function encodeRangeRootsRequest({ boundary }: RangeRootsRequest): Uint8Array {
  return new Writer(9).u8(RANGE_REQUEST_TYPE.roots).u64(boundary).finish();
}

export function decodeRangeRootsRequest(frame: Uint8Array): RangeRootsRequest {
  return decodeTypedFrame(frame, RANGE_REQUEST_TYPE.roots, REQUEST_FRAME_BYTES_MAX, (reader) => ({
    boundary: height(reader.u53()),
  }));
}

/** One range of the answer. */
export function encodeRangeItem(answer: RangeAnswer): Uint8Array {
  return encodeFrame(RANGE_REQUEST_TYPE.ranges, encodeRangeAnswer(answer));
}

/** The same from the two encoded parts of an answer. */
export function joinRangeItem(tiles: Uint8Array, path: Uint8Array): Uint8Array {
  return encodeFrame(RANGE_REQUEST_TYPE.ranges, concatBytes(tiles, path));
}

/** Checked against a certified header by `core/state/range-answer.ts`. */
export function decodeRangeItem(frame: Uint8Array): RangeAnswer {
  return decodeTypedFrame(frame, RANGE_REQUEST_TYPE.ranges, RANGE_ITEM_BYTES_MAX, (reader) =>
    decodeRangeAnswer(reader.bytes(reader.remaining)),
  );
}

/** A part of the list; every item but the last one holds RANGE_ROOTS_PER_FRAME_MAX. A ledger without outputs has none. */
export function encodeRangeRootsItem(roots: readonly Hash[]): Uint8Array {
  if (roots.length === 0 || roots.length > RANGE_ROOTS_PER_FRAME_MAX) throw new RangeError(`${roots.length} roots`);
  const writer = new Writer(1 + 32 * roots.length).u8(RANGE_REQUEST_TYPE.roots);
  return writer.list(roots, (out, root) => out.fixed(root, 32)).finish();
}

/** Together the roots are checked by `core/state/range-answer.ts`. */
export function decodeRangeRootsItem(frame: Uint8Array): readonly Hash[] {
  return decodeTypedFrame(frame, RANGE_REQUEST_TYPE.roots, RANGE_ROOTS_BYTES_MAX, (reader) => {
    if (reader.remaining === 0) throw new DecodeError("no root");
    if (reader.remaining % 32 !== 0) throw new DecodeError(`${reader.remaining} bytes of roots`);
    return reader.list(reader.remaining / 32, RANGE_ROOTS_PER_FRAME_MAX, (from) => hash(from.bytes(32)));
  });
}
