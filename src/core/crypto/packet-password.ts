import { scrypt, scryptAsync } from "@noble/hashes/scrypt.js";
import { encodeUtf8 } from "../bytes/utf8.ts";

/** RP-4: 16 MiB and some 50 ms for a right password, and for each guess. */
const COST = { N: 16_384, r: 8, p: 1, dkLen: 16 } as const;
/** UTF-8 bytes of a password in NFKC. */
export const PACKET_PASSWORD_BYTES_MAX = 128;
/** How long the derivation may keep a thread from its events. */
const TICK_MS = 10;

/** The bytes that a password stands for, however its letters were composed; undefined for none and for one too long. */
export function packetPasswordBytes(password: string): Uint8Array | undefined {
  const bytes = encodeUtf8(password.normalize("NFKC"));
  return bytes.length === 0 || bytes.length > PACKET_PASSWORD_BYTES_MAX ? undefined : bytes;
}

/** L' of RP-4, 16 bytes. For a worker: it answers nothing else meanwhile. */
export function guardedLinkSecret(password: Uint8Array, linkSecret: Uint8Array): Uint8Array {
  return scrypt(password, linkSecret, COST);
}

/** Thrown into the derivation to end it. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/**
 * The same in slices of 10 ms. `onProgress` hears how much is done, from 0 to 1, and ends it by answering false: the
 * result is then undefined, and nothing of the password is left in memory.
 */
export async function deriveGuardedLinkSecret(
  password: Uint8Array,
  linkSecret: Uint8Array,
  onProgress: (done: number) => boolean,
): Promise<Uint8Array | undefined> {
  const report = (done: number): void => {
    if (!onProgress(done)) throw new Stopped();
  };
  try {
    return await scryptAsync(password, linkSecret, { ...COST, asyncTick: TICK_MS, onProgress: report });
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}
