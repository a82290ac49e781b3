import { bech32m } from "@scure/base";

/** Bytes as bech32m under a prefix that says what they are: one line without spaces, guarded by a checksum. */
export function formatBech32(prefix: string, bytes: Uint8Array): string {
  return bech32m.encode(prefix, bech32m.toWords(bytes), false);
}

/**
 * The inverse of {@link formatBech32}; undefined for whatever it would not have written. Lower case only: one text per
 * value. Longer than BIP-350 guarantees its error detection for, so the bytes carry checks of their own.
 */
export function parseBech32(
  text: string,
  lengthMax: number,
): { readonly prefix: string; readonly bytes: Uint8Array } | undefined {
  if (text.length > lengthMax || text !== text.toLowerCase()) return undefined;
  const decoded = bech32m.decodeUnsafe(text, false);
  const bytes = decoded && bech32m.fromWordsUnsafe(decoded.words);
  return decoded === undefined || bytes === undefined ? undefined : { prefix: decoded.prefix, bytes };
}
