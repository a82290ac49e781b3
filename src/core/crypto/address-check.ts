import { isZeroBytes } from "../bytes/compare-bytes.ts";
import type { AddressKeys } from "../values/address.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { isCanonicalCoordinate, x25519, X25519_BASE } from "./key-agreement.ts";

export type AddressCheckCode = "bad_spend_key" | "bad_view_key";

/**
 * Second step of AD-3: the points. A spend key off the prime-order subgroup or a small-order view key would let its
 * maker lose the sender's coins or predict shared secrets, so nothing uses an address before this.
 */
export function checkAddress(
  curve: CurveBackend,
  keys: AddressKeys,
): { readonly ok: true } | { readonly ok: false; readonly code: AddressCheckCode } {
  if (keys.spendKey.length !== 32 || !curve.edwardsIsPrimeOrder(keys.spendKey)) {
    return { ok: false, code: "bad_spend_key" };
  }
  // The scalar is 9 as RFC 7748 would clamp it: what counts is only that small-order keys give zero.
  if (!isCanonicalCoordinate(keys.viewKey) || isZeroBytes(x25519(curve, X25519_BASE, keys.viewKey))) {
    return { ok: false, code: "bad_view_key" };
  }
  return { ok: true };
}
