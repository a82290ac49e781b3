import { equalBytes, isZeroBytes } from "../bytes/compare-bytes.ts";
import { Reader } from "../bytes/reader.ts";
import { u64 } from "../bytes/writer.ts";
import type { CoinFields } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { commit } from "../crypto/commitment.ts";
import {
  COINS_PER_OWNER_MAX,
  deriveAnchor,
  deriveBlinding,
  deriveContext,
  deriveEphemeralKey,
  deriveEphemeralSecret,
  deriveKeyOffset,
  deriveOneTimeKey,
  deriveTags,
  addOffset,
  INTERNAL_ANCHOR,
  maskAmount,
  maskAnchor,
  viewTagOf,
} from "../crypto/output-keys.ts";
import { decodePoint } from "../crypto/point.ts";
import { ZERO_SCALAR, type Scalar } from "../crypto/scalar.ts";
import type { AddressKeys } from "../values/address.ts";
import { amount as amountOf, isAmount, type Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import type { SubaddressTable } from "./subaddress-table.ts";

/** A coin as its maker knows it. The payload and its tag have an owner of their own (8.1). */
export interface CoinSecrets {
  readonly fields: Omit<CoinFields, "payloadTag">;
  /** Kctx. */
  readonly context: Hash;
  /** z. */
  readonly blinding: Scalar;
  /** k_o. */
  readonly keyOffset: Scalar;
  readonly amount: Amount;
}

/** What all outputs of one payment to one payee share (OU-6). */
export interface PaymentSecrets {
  readonly anchor: Uint8Array;
  /** d. */
  readonly ephemeralSecret: Uint8Array;
  /** D. */
  readonly ephemeralKey: Uint8Array;
  /** ss. */
  readonly sharedSecret: Uint8Array;
}

/** Secrets of paying `amount` to a checked address (AD-3); undefined if ss is zero, which 2.2 refuses. */
export function derivePayment(
  curve: CurveBackend,
  to: AddressKeys,
  amount: Amount,
  anchorSource: Uint8Array,
): PaymentSecrets | undefined {
  return derivePaymentFromAnchor(curve, to, amount, deriveAnchor(anchorSource));
}

/** The same from the anchor itself, as a recipient or an observer of clear anchors (PU-1) knows it. */
export function derivePaymentFromAnchor(
  curve: CurveBackend,
  to: AddressKeys,
  amount: Amount,
  anchor: Uint8Array,
): PaymentSecrets | undefined {
  const ephemeralSecret = deriveEphemeralSecret(anchor, amount, to);
  const sharedSecret = curve.x25519Secret(ephemeralSecret, to.viewKey);
  if (isZeroBytes(sharedSecret)) return undefined;
  return {
    anchor,
    ephemeralSecret,
    ephemeralKey: deriveEphemeralKey(curve, ephemeralSecret, to.spendKey),
    sharedSecret,
  };
}

/** The n-th coin of one payment (2.2). */
export function buildPaidCoin(
  curve: CurveBackend,
  payment: PaymentSecrets,
  to: AddressKeys,
  amount: Amount,
  n: number,
): CoinSecrets {
  return buildCoin(curve, payment.sharedSecret, payment.ephemeralKey, n, amount, to.spendKey, payment.anchor);
}

/** An own coin under any D of the transaction (OU-5): change, self-send, padding. `to` is one of our S_j. */
export function buildOwnCoin(
  curve: CurveBackend,
  viewAllSecret: Uint8Array,
  ephemeralKey: Uint8Array,
  to: Pick<AddressKeys, "spendKey">,
  amount: Amount,
  n: number,
): CoinSecrets {
  return buildCoin(curve, viewAllSecret, ephemeralKey, n, amount, to.spendKey, INTERNAL_ANCHOR);
}

function buildCoin(
  curve: CurveBackend,
  secret: Uint8Array,
  ephemeralKey: Uint8Array,
  n: number,
  amount: Amount,
  spendKey: Uint8Array,
  anchor: Uint8Array,
): CoinSecrets {
  requireCounter(n);
  const context = deriveContext(secret, ephemeralKey, n);
  const blinding = deriveBlinding(curve, context);
  const commitment = curve.ristrettoEncode([commit(curve, blinding, amount)]);
  const keyOffset = deriveKeyOffset(curve, context, commitment);
  const fields = {
    oneTimeKey: deriveOneTimeKey(curve, spendKey, keyOffset),
    commitment,
    ephemeralKey,
    amountEnc: maskAmount(context, u64(amount)),
    anchorEnc: maskAnchor(context, anchor),
    viewTag: viewTagOf(deriveTags(secret, ephemeralKey), n),
  };
  return { fields, context, blinding, keyOffset, amount };
}

function requireCounter(n: number): void {
  if (!Number.isInteger(n) || n < 0 || n >= COINS_PER_OWNER_MAX) throw new RangeError(`coin number ${n} under one D`);
}

/** Where a hit of the tag map came from: somebody's payment to us, or our own output. */
export type CoinOrigin = "external" | "internal";

/** A coin of ours, opened. */
export interface OpenedCoin {
  readonly origin: CoinOrigin;
  readonly n: number;
  readonly amount: Amount;
  readonly blinding: Scalar;
  readonly keyOffset: Scalar;
  readonly account: number;
  readonly addressIndex: number;
}

/** The counters n whose view tag this is (2.3 step 3); `tags` from {@link deriveTags}. Usually none, rarely several. */
export function matchViewTag(tags: Uint8Array, viewTag: Uint8Array): readonly number[] {
  const hits: number[] = [];
  for (let n = 0; n < COINS_PER_OWNER_MAX; n++) {
    if (tags[2 * n] === viewTag[0] && tags[2 * n + 1] === viewTag[1]) hits.push(n);
  }
  return hits;
}

/** The amount that this secret reads in a coin, where the commitment opens to it. It says nothing of the address. */
export function openAmount(
  curve: CurveBackend,
  fields: CoinFields,
  secret: Uint8Array,
  n: number,
): { readonly context: Hash; readonly value: Amount; readonly blinding: Scalar } | undefined {
  const context = deriveContext(secret, fields.ephemeralKey, n);
  const value = new Reader(maskAmount(context, fields.amountEnc)).u64();
  if (!isAmount(value)) return undefined;
  const blinding = deriveBlinding(curve, context);
  // Phantom payment: the amount counts only if the commitment on the chain opens to it.
  const expected = curve.ristrettoEncode([commit(curve, blinding, value)]);
  return equalBytes(expected, fields.commitment) ? { context, value, blinding } : undefined;
}

/**
 * Step 4 of 2.3. `secret` is ss for an external coin, s_vb for an internal one. Everything in `fields` is chosen by a
 * stranger; whatever fails, the answer is the same undefined and nothing else happens (OU-10).
 */
export function openCoin(
  curve: CurveBackend,
  addresses: SubaddressTable,
  fields: CoinFields,
  origin: CoinOrigin,
  secret: Uint8Array,
  n: number,
): OpenedCoin | undefined {
  const opened = openAmount(curve, fields, secret, n);
  if (opened === undefined) return undefined;
  const { context, value, blinding } = opened;
  const keyOffset = deriveKeyOffset(curve, context, fields.commitment);
  const found = findOwner(curve, addresses, fields.oneTimeKey, keyOffset);
  if (found === undefined) return undefined;
  if (origin === "external") {
    const anchor = maskAnchor(context, fields.anchorEnc);
    if (!isEphemeralKeyOf(curve, fields.ephemeralKey, anchor, amountOf(value), found.address())) return undefined;
  }
  const { account, index } = found;
  return { origin, n, amount: value, blinding, keyOffset, account, addressIndex: index };
}

/** S' = P − k_o·G looked up among our addresses. Also for the types whose k_o is bound to something else (OU-11). */
export function findOwner(
  curve: CurveBackend,
  addresses: SubaddressTable,
  oneTimeKey: Uint8Array,
  keyOffset: Scalar,
): ReturnType<SubaddressTable["find"]> {
  const point = decodePoint(curve, oneTimeKey);
  if (point === undefined) return undefined;
  const negative = curve.scalars.subtract(ZERO_SCALAR, keyOffset);
  return addresses.find(curve.ristrettoEncode([addOffset(curve, point, negative)]));
}

/** Janus check: D must be the one that this anchor, amount and address give. */
export function isEphemeralKeyOf(
  curve: CurveBackend,
  ephemeralKey: Uint8Array,
  anchor: Uint8Array,
  amount: bigint,
  to: AddressKeys,
): boolean {
  const secret = deriveEphemeralSecret(anchor, amount, to);
  return equalBytes(deriveEphemeralKey(curve, secret, to.spendKey), ephemeralKey);
}
