import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { Scalar } from "../crypto/scalar.ts";
import { hash32, hashToScalar, taggedHash } from "../crypto/tagged-hash.ts";
import type { Hash } from "../values/hash.ts";
import { LINK_SECRET_SIZE } from "../values/packet-link.ts";

/** L of the gift that a wallet has made under this D (9.1): no other gift has it, and the seed alone brings it back. */
export function deriveGiftLinkSecret(viewAllSecret: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return taggedHash("stg/gift/L", viewAllSecret, ephemeralKey).slice(0, LINK_SECRET_SIZE);
}

/** ss of a gift: finds its coin and reads the amount, and does not spend it. */
export function deriveGiftViewSecret(linkSecret: Uint8Array): Hash {
  return hash32("stg/gift/vb", linkSecret);
}

/** k of a gift: whoever has the link can spend its coin, with x = k + k_o. */
export function deriveGiftSpendSecret(curve: CurveBackend, linkSecret: Uint8Array): Scalar {
  return hashToScalar(curve, "stg/gift/spend", linkSecret);
}

/** S = k·B, Edwards. */
export function deriveGiftSpendKey(curve: CurveBackend, linkSecret: Uint8Array): Uint8Array {
  return curve.edwardsBaseMultiplySecret(deriveGiftSpendSecret(curve, linkSecret));
}
