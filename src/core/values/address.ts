import { bech32m } from "@scure/base";
import type { Brand } from "./brand.ts";
import { ADDRESS_PREFIX, type NetworkName } from "./network.ts";

/** Text of an address whose checksum, prefix, version and lengths are right. Its points are not checked yet (AD-3). */
export type Address = Brand<string, "Address">;

/** The two public keys behind an address. */
export interface AddressKeys {
  /** S_j, Edwards encoding, 32 bytes. */
  readonly spendKey: Uint8Array;
  /** V_j, X25519 u-coordinate, 32 bytes. */
  readonly viewKey: Uint8Array;
}

export type AddressParseCode = "empty" | "bad_encoding" | "wrong_network" | "bad_version" | "bad_length";

/** Longest text a decoder looks at (AD-2). */
export const ADDRESS_TEXT_SIZE_MAX = 120;
const ADDRESS_VERSION = 1;
const ADDRESS_BYTES = 65;

/** First step of AD-3: text to keys without touching a curve. Nothing may be sent to the result before the full check. */
export function parseAddress(
  text: string,
  network: NetworkName,
):
  | { readonly ok: true; readonly address: Address; readonly keys: AddressKeys }
  | { readonly ok: false; readonly code: AddressParseCode } {
  if (text === "") return { ok: false, code: "empty" };
  if (text.length > ADDRESS_TEXT_SIZE_MAX) return { ok: false, code: "bad_length" };
  // Upper case is legal bech32m, but AD-2 allows one form only.
  if (text !== text.toLowerCase()) return { ok: false, code: "bad_encoding" };
  const decoded = bech32m.decodeUnsafe(text, ADDRESS_TEXT_SIZE_MAX);
  if (decoded === undefined) return { ok: false, code: "bad_encoding" };
  const bytes = bech32m.fromWordsUnsafe(decoded.words);
  if (bytes === undefined) return { ok: false, code: "bad_encoding" };
  if (decoded.prefix !== ADDRESS_PREFIX[network]) return { ok: false, code: "wrong_network" };
  if (bytes[0] !== ADDRESS_VERSION) return { ok: false, code: "bad_version" };
  if (bytes.length !== ADDRESS_BYTES) return { ok: false, code: "bad_length" };
  return {
    ok: true,
    address: text as Address,
    keys: { spendKey: bytes.slice(1, 33), viewKey: bytes.slice(33, 65) },
  };
}

/** bech32m(prefix, 0x01 ‖ S_j ‖ V_j), AD-2: 114 characters on main, 115 elsewhere. */
export function formatAddress(keys: AddressKeys, network: NetworkName): Address {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  bytes[0] = ADDRESS_VERSION;
  bytes.set(keys.spendKey, 1);
  bytes.set(keys.viewKey, 33);
  return bech32m.encode(ADDRESS_PREFIX[network], bech32m.toWords(bytes), ADDRESS_TEXT_SIZE_MAX) as Address;
}
