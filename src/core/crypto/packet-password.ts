import { scrypt } from "@noble/hashes/scrypt.js";
import { encodeUtf8 } from "../bytes/utf8.ts";

/** RP-4: 16 MiB and some 50 ms for a right password, and for each guess. */
const COST = { N: 16_384, r: 8, p: 1, dkLen: 16 } as const;
/** UTF-8 bytes of a password in NFKC. */
export const PACKET_PASSWORD_BYTES_MAX = 128;

/** The bytes that a password stands for, however its letters were composed; undefined for none and for one too long. */
export function packetPasswordBytes(password: string): Uint8Array | undefined {
  const bytes = encodeUtf8(password.normalize("NFKC"));
  return bytes.length === 0 || bytes.length > PACKET_PASSWORD_BYTES_MAX ? undefined : bytes;
}

/** L' of RP-4, 16 bytes. For a worker: it answers nothing else meanwhile. */
export function guardedLinkSecret(password: Uint8Array, linkSecret: Uint8Array): Uint8Array {
  return scrypt(password, linkSecret, COST);
}
