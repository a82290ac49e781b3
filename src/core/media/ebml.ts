import { DecodeError } from "../bytes/decode-error.ts";
import type { ByteScan } from "./byte-scan.ts";

/** An element of EBML (RFC 8794). */
export interface Element {
  readonly id: number;
  /** Of its body, in bytes. */
  readonly size: number;
  readonly body: ByteScan;
  /** Place of its first byte. */
  readonly start: number;
}

/** The next element; one of unknown size, as in a live stream, is refused. */
export function readElement(scan: ByteScan): Element {
  const start = scan.place;
  const id = readVarint(scan, 4, true);
  const size = readVarint(scan, 8, false);
  return { id, size, body: scan.within(size), start };
}

function readVarint(scan: ByteScan, sizeMax: number, keepsMarker: boolean): number {
  const first = scan.u8();
  const size = Math.clz32(first) - 23;
  if (size > sizeMax) throw new DecodeError("number too long");
  const bits = keepsMarker ? first : first & (0xff >> size);
  const value = bits * 2 ** (8 * (size - 1)) + scan.uint(size - 1);
  // All ones: the size is unknown.
  if (!keepsMarker && value === 2 ** (7 * size) - 1) throw new DecodeError("unknown size");
  return value;
}
