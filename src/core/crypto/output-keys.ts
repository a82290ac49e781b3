import { xorBytes } from "../bytes/concat-bytes.ts";
import { u64, u8 } from "../bytes/writer.ts";
import type { AddressKeys } from "../values/address.ts";
import type { Hash } from "../values/hash.ts";
import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import { clamp } from "./key-agreement.ts";
import { scalarOf, type Scalar } from "./scalar.ts";
import { hash32, hashToScalar, taggedHash } from "./tagged-hash.ts";

/** The formulas of 2.2, one function each: what sender, recipient, prover and consensus all compute. */

export const ANCHOR_SIZE = 16;
/** Coins of one owner under one D, n ∈ 0..3 (0.5). */
export const COINS_PER_OWNER_MAX = 4;
/** Mode-U payloads of one recipient under one D, np ∈ 0..2 (0.5). */
export const PAYLOADS_PER_RECIPIENT_MAX = 3;
/** Own outputs have no sender to check, so their anchor is empty (OU-5). */
export const INTERNAL_ANCHOR: Uint8Array = new Uint8Array(ANCHOR_SIZE);

const ONE = scalarOf(1n);

/** anchor of a payment. Its source later proves who paid (PP-2). */
export function deriveAnchor(anchorSource: Uint8Array): Uint8Array {
  return hash32("stg/ar", anchorSource).slice(0, ANCHOR_SIZE);
}

/** d: bound to both keys of the address, which is what defeats Janus outputs. */
export function deriveEphemeralSecret(anchor: Uint8Array, amount: bigint, to: AddressKeys): Uint8Array {
  return clamp(taggedHash("stg/d", anchor, u64(amount), to.spendKey, to.viewKey).slice(0, 32));
}

/** D = X25519(d, u(S_j)). */
export function deriveEphemeralKey(curve: CurveBackend, ephemeralSecret: Uint8Array, spendKey: Uint8Array): Uint8Array {
  return curve.x25519Secret(ephemeralSecret, curve.edwardsToMontgomery(spendKey));
}

/** T: all tags of one secret under one D. `secret` is ss, or s_vb for own outputs (OU-5). */
export function deriveTags(secret: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return taggedHash("stg/tags", secret, ephemeralKey);
}

/** vtag of the n-th coin. */
export function viewTagOf(tags: Uint8Array, n: number): Uint8Array {
  return tags.slice(2 * n, 2 * n + 2);
}

/** ptag of the np-th mode-U payload (MS-1). */
export function payloadTagOf(tags: Uint8Array, np: number): Uint8Array {
  return tags.slice(8 + 16 * np, 24 + 16 * np);
}

/** Whether the 2 bytes at `at` are the vtag of any coin among the tags that begin at `tagsAt`: for scans, without a copy. */
export function hasViewTag(tags: Uint8Array, tagsAt: number, viewTags: Uint8Array, at: number): boolean {
  for (let place = tagsAt; place < tagsAt + 2 * COINS_PER_OWNER_MAX; place += 2) {
    if (tags[place] === viewTags[at] && tags[place + 1] === viewTags[at + 1]) return true;
  }
  return false;
}

/** The same of the 16 bytes of a ptag, of any mode-U payload. */
export function hasPayloadTag(tags: Uint8Array, tagsAt: number, payloadTags: Uint8Array, at: number): boolean {
  for (let np = 0; np < PAYLOADS_PER_RECIPIENT_MAX; np++) {
    const place = tagsAt + 8 + 16 * np;
    let index = 0;
    while (index < 16 && tags[place + index] === payloadTags[at + index]) index++;
    if (index === 16) return true;
  }
  return false;
}

/** Kctx: everything secret about one output hangs on it, so equal (secret, D, n) twice would repeat masks (OU-8). */
export function deriveContext(secret: Uint8Array, ephemeralKey: Uint8Array, n: number): Hash {
  return hash32("stg/ctx", secret, ephemeralKey, u8(n));
}

/** z. */
export function deriveBlinding(curve: CurveBackend, context: Hash): Scalar {
  return hashToScalar(curve, "stg/z", context);
}

/** k_o. `bound` is C for coins, the validator key for stakes, Q for packets and draws (OU-11). */
export function deriveKeyOffset(curve: CurveBackend, context: Hash, bound: Uint8Array): Scalar {
  return hashToScalar(curve, "stg/ko", context, bound);
}

/** P = ristretto255(S_j + k_o·B). */
export function deriveOneTimeKey(curve: CurveBackend, spendKey: Uint8Array, keyOffset: Scalar): Uint8Array {
  const sum = addOffset(curve, curve.edwardsToRistretto(spendKey), keyOffset);
  return curve.ristrettoEncode([sum]);
}

/** P + k·G for a secret k. */
export function addOffset(curve: CurveBackend, point: Point, offset: Scalar): Point {
  const multiple = curve.fixedMsmSecret(commitmentGenerators(curve).table, [offset]);
  return curve.msm([point, multiple], [ONE, ONE]);
}

/** a_enc, and back: the mask is its own inverse. */
export function maskAmount(context: Hash, amount: Uint8Array): Uint8Array {
  return xorBytes(amount, taggedHash("stg/a", context).slice(0, 8));
}

/** anchor_enc, and back. */
export function maskAnchor(context: Hash, anchor: Uint8Array): Uint8Array {
  return xorBytes(anchor, taggedHash("stg/anchor", context).slice(0, ANCHOR_SIZE));
}
