import { u32 } from "../bytes/writer.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { Scalar } from "../crypto/scalar.ts";
import { hash32, hashToScalar, taggedHash } from "../crypto/tagged-hash.ts";
import type { Hash } from "../values/hash.ts";
import { LINK_SECRET_SIZE } from "../values/packet-link.ts";

/** L of a wallet's i-th gift (9.1): the seed alone brings all of them back. */
export function deriveGiftLinkSecret(viewAllSecret: Uint8Array, index: number): Uint8Array {
  return taggedHash("stg/gift/L", viewAllSecret, u32(index)).slice(0, LINK_SECRET_SIZE);
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
