import type { CurveBackend } from "./backend/curve-backend.ts";
import { bigintOf } from "./scalar.ts";

/** u-coordinate of the X25519 base point. */
export const X25519_BASE: Uint8Array = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 9 : 0));

const FIELD_ORDER = 2n ** 255n - 19n;

/** RFC 7748 clamping of 32 bytes, as a copy (PR-4). */
export function clamp(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 32) throw new RangeError(`scalar of ${bytes.length} bytes`);
  const clamped = bytes.slice();
  clamped[0] = clamped[0]! & 248;
  clamped[31] = (clamped[31]! & 127) | 64;
  return clamped;
}

/** X25519 of one coordinate. Total: zeros for small-order input (PR-4), which no caller may use as a secret. */
export function x25519(curve: CurveBackend, scalar: Uint8Array, u: Uint8Array): Uint8Array {
  return curve.x25519Batch(scalar, u);
}

/** True for 32 bytes below p: the only u-coordinates consensus accepts (EN-5, OU-1). */
export function isCanonicalCoordinate(u: Uint8Array): boolean {
  return u.length === 32 && bigintOf(u) < FIELD_ORDER;
}
