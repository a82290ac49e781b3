import { concatBytes } from "../bytes/concat-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { Reader } from "../bytes/reader.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { clamp } from "../crypto/key-agreement.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import { deriveViewAll, deriveViewReceived } from "./keys.ts";
import type { AddressGenerator, ViewAllKeys, ViewReceivedKeys } from "./keys.ts";

/** Accounts in one export: more than anybody has, few enough to check at once. */
export const EXPORT_ACCOUNTS_MAX = 256;

/** View-all (AD-6): `s_vb ‖ S of each account`. All accounts of one seed share s_vb. */
export function encodeViewAll(accounts: readonly ViewAllKeys[]): Uint8Array {
  const first = accounts[0];
  if (first === undefined) throw new RangeError("no account to export");
  return concatBytes(first.viewAllSecret, ...accounts.map((account) => account.spendPoint));
}

export function decodeViewAll(curve: CurveBackend, bytes: Uint8Array): readonly ViewAllKeys[] {
  const reader = new Reader(bytes);
  const secret = reader.bytes(32);
  if (reader.remaining === 0) throw new DecodeError("no account");
  const points = reader.list(Math.ceil(reader.remaining / 32), EXPORT_ACCOUNTS_MAX, (each) => readPoint(curve, each));
  reader.end();
  return points.map((point) => deriveViewAll(curve, secret, point));
}

/** View-received (AD-6): `k_v ‖ S ‖ s_ga`. */
export function encodeViewReceived(keys: ViewReceivedKeys): Uint8Array {
  return concatBytes(keys.viewSecret, keys.spendPoint, keys.addressSecret);
}

export function decodeViewReceived(curve: CurveBackend, bytes: Uint8Array): ViewReceivedKeys {
  const reader = new Reader(bytes);
  const viewSecret = reader.bytes(32);
  if (!equalBytes(viewSecret, clamp(viewSecret))) throw new DecodeError("view secret is not clamped");
  const spendPoint = readPoint(curve, reader);
  const addressSecret = reader.bytes(32);
  reader.end();
  return deriveViewReceived(curve, viewSecret, addressSecret, spendPoint);
}

/** Generate-address (AD-6): `s_ga ‖ S ‖ V`. */
export function encodeAddressGenerator(keys: AddressGenerator): Uint8Array {
  return concatBytes(keys.addressSecret, keys.spendPoint, keys.viewPoint);
}

export function decodeAddressGenerator(curve: CurveBackend, bytes: Uint8Array): AddressGenerator {
  const reader = new Reader(bytes);
  const addressSecret = reader.bytes(32);
  const keys = { addressSecret, spendPoint: readPoint(curve, reader), viewPoint: readPoint(curve, reader) };
  reader.end();
  return keys;
}

function readPoint(curve: CurveBackend, reader: Reader): Uint8Array {
  const point = reader.bytes(32);
  if (!curve.edwardsIsPrimeOrder(point)) throw new DecodeError("not a public key");
  return point;
}
