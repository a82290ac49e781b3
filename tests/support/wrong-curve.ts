import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";

/** Backends that compute wrong and agree with themselves: what one of them makes, it finds right. */
export const WRONG_CURVES = {
  "other generators": (curve) => ({
    ...curve,
    ristrettoFromHash: (bytes) => curve.ristrettoFromHash(changed(bytes)),
  }),
  "a wrong bit in each key agreement of a payment": (curve) => ({
    ...curve,
    x25519Secret: (scalar, point) => changed(curve.x25519Secret(scalar, point)),
  }),
  "a wrong bit in each coordinate of a payee": (curve) => ({
    ...curve,
    edwardsToMontgomery: (encoding) => changed(curve.edwardsToMontgomery(encoding)),
  }),
} as const satisfies Readonly<Record<string, (curve: CurveBackend) => CurveBackend>>;

function changed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0]! ^= 8;
  return copy;
}
