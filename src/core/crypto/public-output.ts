import { equalBytes, isZeroBytes } from "../bytes/compare-bytes.ts";
import { u32, u64 } from "../bytes/writer.ts";
import type { AddressKeys } from "../values/address.ts";
import { checkAddress } from "./address-check.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { commitPublic } from "./commitment.ts";
import { x25519 } from "./key-agreement.ts";
import {
  ANCHOR_SIZE,
  deriveContext,
  deriveEphemeralKey,
  deriveEphemeralSecret,
  deriveKeyOffset,
  deriveOneTimeKey,
  deriveTags,
  viewTagOf,
} from "./output-keys.ts";
import type { Scalar } from "./scalar.ts";
import { taggedHash } from "./tagged-hash.ts";

/** The parts of a type-1 output that hang together (PU-1); `PublicCore` of `core/chain` has these fields. */
export interface PublicOutputFields {
  readonly oneTimeKey: Uint8Array;
  readonly amount: bigint;
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
  readonly recipient: AddressKeys;
  readonly anchor: Uint8Array;
}

export interface PublicOutputKeys {
  readonly oneTimeKey: Uint8Array;
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
  /** k_o. Anybody can compute it: everything about a public output is in clear. */
  readonly keyOffset: Scalar;
}

/** P, D and vtag of a public output with n = 0; undefined if ss is zero. The address must have passed AD-3. */
export function derivePublicOutput(
  curve: CurveBackend,
  recipient: AddressKeys,
  amount: bigint,
  anchor: Uint8Array,
): PublicOutputKeys | undefined {
  const secret = deriveEphemeralSecret(anchor, amount, recipient);
  const shared = x25519(curve, secret, recipient.viewKey);
  if (isZeroBytes(shared)) return undefined;
  const ephemeralKey = deriveEphemeralKey(curve, secret, recipient.spendKey);
  const commitment = curve.ristrettoEncode([commitPublic(curve, amount)]);
  const keyOffset = deriveKeyOffset(curve, deriveContext(shared, ephemeralKey, 0), commitment);
  return {
    oneTimeKey: deriveOneTimeKey(curve, recipient.spendKey, keyOffset),
    ephemeralKey,
    viewTag: viewTagOf(deriveTags(shared, ephemeralKey), 0),
    keyOffset,
  };
}

/** The consensus check of PU-1, the points of the address included. */
export function checkPublicOutput(curve: CurveBackend, fields: PublicOutputFields): boolean {
  const { recipient, amount, anchor } = fields;
  if (!checkAddress(curve, recipient).ok) return false;
  const expected = derivePublicOutput(curve, recipient, amount, anchor);
  return (
    expected !== undefined &&
    equalBytes(expected.ephemeralKey, fields.ephemeralKey) &&
    equalBytes(expected.viewTag, fields.viewTag) &&
    equalBytes(expected.oneTimeKey, fields.oneTimeKey)
  );
}

/** Anchor of the genesis output at this leaf (GE-1), the faucet's coins among them (GE-3). */
export function genesisAnchor(leaf: number): Uint8Array {
  return taggedHash("stg/genesis-anchor", u32(leaf)).slice(0, ANCHOR_SIZE);
}

/** Anchor of a validator's payout at a week boundary (RW-2). */
export function payoutAnchor(chainId: number, epoch: number, blsKey: Uint8Array): Uint8Array {
  return taggedHash("stg/payout", u32(chainId), u32(epoch), blsKey).slice(0, ANCHOR_SIZE);
}

/** Anchor of the weekly award (AW-2). */
export function awardAnchor(chainId: number, week: number, blsKey: Uint8Array): Uint8Array {
  return taggedHash("stg/award-anchor", u32(chainId), u64(week), blsKey).slice(0, ANCHOR_SIZE);
}
