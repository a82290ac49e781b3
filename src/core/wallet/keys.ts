import { clamp } from "../crypto/key-agreement.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { scalarOf, type Scalar } from "../crypto/scalar.ts";
import { scalarAt } from "../crypto/scalar-vector.ts";
import { hash32, hashToScalar } from "../crypto/tagged-hash.ts";
import type { AddressKeys } from "../values/address.ts";
import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { u32 } from "../bytes/writer.ts";

export { checkAddress, type AddressCheckCode } from "../crypto/address-check.ts";

const ONE = scalarOf(1n);

/** Entropy of the recovery words (AD-1). */
export const SEED_SIZE = 32;

/** GENERATE-ADDRESS: enough to hand out addresses of one account, not to see anything. */
export interface AddressGenerator {
  /** s_ga, the same for all accounts of a seed. */
  readonly addressSecret: Uint8Array;
  /** S, Edwards. */
  readonly spendPoint: Uint8Array;
  /** V = k_v·S, Edwards. */
  readonly viewPoint: Uint8Array;
}

/** VIEW-RECEIVED: sees what others pay to one account, not its change. */
export interface ViewReceivedKeys extends AddressGenerator {
  /** k_v, clamped; the same for all accounts of a seed (AD-4). */
  readonly viewSecret: Uint8Array;
}

/** What a scan works with: either view tier. Without s_vb it passes over change. */
export interface ScanKeys extends ViewReceivedKeys {
  readonly viewAllSecret?: Uint8Array;
}

/** VIEW-ALL: sees change as well, so the true balance, since spends are public. Cannot spend. */
export interface ViewAllKeys extends ScanKeys {
  /** s_vb; everything else that views is derived from it. */
  readonly viewAllSecret: Uint8Array;
}

/** One account with the authority to spend. The view tiers never contain `spendSecret`. */
export interface AccountKeys {
  readonly account: number;
  /** k_s. */
  readonly spendSecret: Scalar;
  readonly view: ViewAllKeys;
}

/** s_vb of AD-1. */
export function deriveViewAllSecret(seed: Uint8Array): Uint8Array {
  if (seed.length !== SEED_SIZE) throw new RangeError(`seed of ${seed.length} bytes`);
  return hash32("stg/vb", seed);
}

/** k_v of AD-1. */
export function deriveViewSecret(viewAllSecret: Uint8Array): Uint8Array {
  return clamp(hash32("stg/view", viewAllSecret));
}

/** s_ga of AD-1. */
export function deriveAddressSecret(viewAllSecret: Uint8Array): Uint8Array {
  return hash32("stg/ga", viewAllSecret);
}

/** k_s of AD-1. Hardened: the secret of one account says nothing about that of another. */
export function deriveSpendSecret(curve: CurveBackend, seed: Uint8Array, account: number): Scalar {
  const secret = hashToScalar(curve, "stg/spend", seed, u32(account));
  if (isZeroBytes(secret)) throw new RangeError("spend secret is zero");
  return secret;
}

/** All keys of one account of a seed. */
export function deriveAccount(curve: CurveBackend, seed: Uint8Array, account: number): AccountKeys {
  const spendSecret = deriveSpendSecret(curve, seed, account);
  const spendPoint = curve.edwardsBaseMultiplySecret(spendSecret);
  return { account, spendSecret, view: deriveViewAll(curve, deriveViewAllSecret(seed), spendPoint) };
}

/** The view tier of an account from s_vb and its S. */
export function deriveViewAll(curve: CurveBackend, viewAllSecret: Uint8Array, spendPoint: Uint8Array): ViewAllKeys {
  const addressSecret = deriveAddressSecret(viewAllSecret);
  const received = deriveViewReceived(curve, deriveViewSecret(viewAllSecret), addressSecret, spendPoint);
  return { ...received, viewAllSecret };
}

/** The view-received tier from its export: V is recomputed, since k_v is at hand. */
export function deriveViewReceived(
  curve: CurveBackend,
  viewSecret: Uint8Array,
  addressSecret: Uint8Array,
  spendPoint: Uint8Array,
): ViewReceivedKeys {
  // S has prime order, so the clamped k_v may be reduced modulo ℓ.
  const factor = scalarAt(curve.scalars.reduceWide(concatBytes(viewSecret, new Uint8Array(32))), 0);
  const viewPoint = curve.edwardsMultiplySecret(spendPoint, factor);
  return { viewSecret, addressSecret, spendPoint, viewPoint };
}

/** a_j of AD-1; a_0 = 1. */
export function deriveAddressFactor(curve: CurveBackend, keys: AddressGenerator, index: number): Scalar {
  if (index === 0) return ONE;
  return hashToScalar(curve, "stg/addr", keys.addressSecret, u32(index), keys.spendPoint, keys.viewPoint);
}

/** (S_j, V_j) of AD-1, from the lowest tier. */
export function deriveAddress(curve: CurveBackend, keys: AddressGenerator, index: number): AddressKeys {
  const factor = deriveAddressFactor(curve, keys, index);
  return {
    spendKey: curve.edwardsMultiplySecret(keys.spendPoint, factor),
    viewKey: curve.edwardsToMontgomery(curve.edwardsMultiplySecret(keys.viewPoint, factor)),
  };
}

/** x = a_j·k_s + k_o (2.3). MUST NOT leave the wallet: with view data it gives k_s (AD-5). */
export function deriveOutputSecret(
  curve: CurveBackend,
  keys: AccountKeys,
  addressIndex: number,
  keyOffset: Scalar,
): Scalar {
  return curve.scalars.multiplyAdd(deriveAddressFactor(curve, keys.view, addressIndex), keys.spendSecret, keyOffset);
}
