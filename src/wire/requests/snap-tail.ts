import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { readSnapshotTail, type SnapshotTail } from "../../core/state/snapshot.ts";
import type { Height } from "../../core/values/height.ts";
import { decodeFrame, encodeFrame } from "../frame.ts";
import { SNAP_TAIL_BYTES_MAX, SNAP_TAIL_PART_BYTES } from "../limits.ts";
import { SNAP_ITEM_TYPE } from "./snap.ts";

/**
 * The item for one part of a tail, from the bytes of `state/snapshot.ts`: all parts are of SNAP_TAIL_PART_BYTES but the
 * last, which says by its type that it is. undefined: there is no such part.
 */
export function encodeSnapTailPart(tail: Uint8Array, part: number): Uint8Array | undefined {
  const begin = part * SNAP_TAIL_PART_BYTES;
  if (begin >= tail.length) return undefined;
  const end = begin + SNAP_TAIL_PART_BYTES;
  return encodeFrame(end < tail.length ? SNAP_ITEM_TYPE.tailPart : SNAP_ITEM_TYPE.tail, tail.subarray(begin, end));
}

/** The parts of a tail as they come, of one or several answers: never more than SNAP_TAIL_BYTES_MAX together. */
export class SnapTailParts {
  readonly #parts: Uint8Array[] = [];
  #isWhole = false;

  /** The part that comes next, counted from 0. */
  get next(): number {
    return this.#parts.length;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Takes the frame of that part. Throws DecodeError for what is none. */
  add(frame: Uint8Array): void {
    const { type, body } = decodeFrame(frame);
    const isLast = type === SNAP_ITEM_TYPE.tail;
    if (!isLast && type !== SNAP_ITEM_TYPE.tailPart) throw new DecodeError(`frame type ${type}`);
    if (this.#isWhole) throw new DecodeError("a part behind the last");
    // One size for all that are not the last, so that a part has the same bytes wherever an answer begins.
    const isSize = isLast
      ? body.length > 0 && body.length <= SNAP_TAIL_PART_BYTES
      : body.length === SNAP_TAIL_PART_BYTES;
    if (!isSize) throw new DecodeError(`part of ${body.length} bytes`);
    if (this.next * SNAP_TAIL_PART_BYTES + body.length > SNAP_TAIL_BYTES_MAX) throw new DecodeError("longer tail");
    this.#parts.push(body.slice());
    this.#isWhole = isLast;
  }

  /** The form of the tail at a height, of all its parts; nothing in it counts before `isTailOf` of the header. */
  tail(at: Height): SnapshotTail {
    if (!this.#isWhole) throw new DecodeError("a tail without its end");
    return decodeWhole(concatBytes(...this.#parts), (reader) => readSnapshotTail(reader, at));
  }
}
