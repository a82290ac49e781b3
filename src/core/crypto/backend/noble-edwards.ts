import { ed25519 } from "@noble/curves/ed25519.js";

/** A point of edwards25519 as noble has it. */
export type EdwardsPoint = InstanceType<typeof ed25519.Point>;

const ENCODING_SIZE = 32;

/** The Edwards point of strict RFC 8032 bytes (EN-5), or undefined. noble's decoder has no other way to refuse. */
export function decodeEdwards(encoding: Uint8Array): EdwardsPoint | undefined {
  if (encoding.length !== ENCODING_SIZE) throw new RangeError(`${encoding.length} bytes instead of ${ENCODING_SIZE}`);
  try {
    return ed25519.Point.fromBytes(encoding, false);
  } catch {
    return undefined;
  }
}

/** The same where no such bytes are our own mistake. */
export function requireEdwards(encoding: Uint8Array): EdwardsPoint {
  const point = decodeEdwards(encoding);
  if (point === undefined) throw new RangeError("not an Edwards point");
  return point;
}
