import type { CurveBackend, Point } from "./backend/curve-backend.ts";

/** Canonical 32 bytes of one element (EN-5). */
export function encodePoint(curve: CurveBackend, point: Point): Uint8Array {
  return curve.ristrettoEncode([point]);
}

/** The element of 32 canonical bytes; undefined for any others (EN-5). The identity is allowed. */
export function decodePoint(curve: CurveBackend, bytes: Uint8Array): Point | undefined {
  return bytes.length === 32 ? curve.ristrettoDecode(bytes)?.[0] : undefined;
}

/** The element of 32 canonical bytes unless it is the identity (OU-1). */
export function decodeNonIdentity(curve: CurveBackend, bytes: Uint8Array): Point | undefined {
  const point = decodePoint(curve, bytes);
  return point === undefined || curve.isIdentity(point) ? undefined : point;
}
