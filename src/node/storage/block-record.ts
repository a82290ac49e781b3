import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { BLOCK_NEW_OUTPUTS_MAX } from "../../core/params/limits.ts";
import type { BlockCommit } from "../../core/ports/full-node-store.ts";
import { leafIndex, type LeafIndex } from "../../core/values/height.ts";

/** First byte of a record. 1 is none of them: a block begins with it, and older records are nothing but the block. */
const FORM = { whole: 0, short: 2 } as const;

/** A payload left out of a stored block, and how many bytes lie between it and the one before. */
interface LeftOut {
  readonly gap: number;
  readonly leaf: LeafIndex;
}

/** A block without what is stored beside it as long as the block is: its header, and payloads of its outputs. */
export interface ShortBlock {
  readonly leftOut: readonly LeftOut[];
  /** What stands behind the header, without these payloads. */
  readonly rest: Uint8Array;
}

type WholeBlock = Pick<BlockCommit, "block" | "header" | "payloads">;

/**
 * Stored form of a block: `2 ‖ n u16 ‖ n × {gap u32 ‖ leaf u40} ‖ rest`, or `0 ‖ block` of one that does not begin with
 * its header. Payloads are found by their bytes, so whatever block it is comes back byte for byte.
 */
export function encodeBlockRecord({ block, header, payloads }: WholeBlock): Uint8Array {
  const start = block.subarray(0, header.length);
  if (header.length === 0 || !equalBytes(start, header))
    return new Writer(1 + block.length).u8(FORM.whole).bytes(block).finish();
  const body = Buffer.from(block.buffer, block.byteOffset + header.length, block.length - header.length);
  const leftOut: LeftOut[] = [];
  const rest: Uint8Array[] = [];
  let from = 0;
  for (const [leaf, payload] of payloads) {
    const found = payload.length === 0 ? -1 : body.indexOf(payload, from);
    // Another order than the block's would cost room, and a search for each of the rest.
    if (found < 0) break;
    leftOut.push({ gap: found - from, leaf });
    rest.push(body.subarray(from, found));
    from = found + payload.length;
  }
  const writer = new Writer(4096).u8(FORM.short).u16(leftOut.length);
  writer.list(leftOut, (out, { gap, leaf }) => out.u32(gap).u40(leaf));
  return writer.bytes(concatBytes(...rest, body.subarray(from))).finish();
}

/** The block itself, where the record holds all of it. */
export function decodeBlockRecord(bytes: Uint8Array): Uint8Array | ShortBlock {
  if (bytes[0] === FORM.whole) return bytes.subarray(1);
  if (bytes[0] !== FORM.short) return bytes;
  return decodeWhole(bytes.subarray(1), (reader) => {
    const leftOut = reader.list(reader.u16(), BLOCK_NEW_OUTPUTS_MAX, (from) => ({
      gap: from.u32(),
      leaf: leafIndex(from.u40()),
    }));
    return { leftOut, rest: reader.bytes(reader.remaining) };
  });
}

/** Puts a block together again; `payloads` are those that it left out, in their order. */
export function wholeBlock(
  { leftOut, rest }: ShortBlock,
  header: Uint8Array,
  payloads: readonly Uint8Array[],
): Uint8Array {
  const parts: Uint8Array[] = [header];
  let from = 0;
  leftOut.forEach(({ gap }, index) => {
    parts.push(rest.subarray(from, from + gap), payloads[index]!);
    from += gap;
  });
  return concatBytes(...parts, rest.subarray(from));
}
