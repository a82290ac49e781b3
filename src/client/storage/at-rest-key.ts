import { encodeUtf8 } from "../../core/bytes/utf8.ts";
import type { SealedRow } from "./schema.ts";
import { StorageError } from "./storage-error.ts";

const ALGORITHM = "AES-GCM";
const IV_SIZE = 12;

/**
 * The key that everything at rest is sealed under (NW-12). It is non-extractable and lives in IndexedDB as an object:
 * scripts can use it, nobody can read its bytes through the browser.
 *
 * What that gives: copies of the database made through the web platform (an export, a bug that leaks values, a
 * synchronised file of rows) hold nothing readable, and rows cannot be swapped for one another.
 * What it does not give: somebody with the browser's profile folder, or code running on this origin, has the key as
 * well. Against them stand the device's own lock, and a lock of the wallet
 * (docs/keeping-safe.md).
 */
export async function makeAtRestKey(): Promise<CryptoKey> {
  return subtle().generateKey({ name: ALGORITHM, length: 256 }, false, ["encrypt", "decrypt"]);
}

/** The key of a locked wallet, to seal with: what scripts had as bytes they have as a key from here on. */
export async function importAtRestKey(bytes: Uint8Array): Promise<CryptoKey> {
  return subtle().importKey("raw", owned(bytes), ALGORITHM, false, ["encrypt", "decrypt"]);
}

/** Seals bytes for one place; `place` is authenticated, so that a row opens nowhere else. */
export async function seal(key: CryptoKey, place: string, bytes: Uint8Array): Promise<SealedRow> {
  // Random 96-bit nonces are good for 2^32 rows under one key; a wallet writes some thousands a day at most.
  const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
  const parameters = { name: ALGORITHM, iv, additionalData: owned(encodeUtf8(place)) };
  return { iv, sealed: await subtle().encrypt(parameters, key, owned(bytes)) };
}

/** The bytes of a sealed row; storage_broken if it was not sealed by this key for this place. */
export async function unseal(key: CryptoKey, place: string, row: SealedRow): Promise<Uint8Array> {
  const parameters = { name: ALGORITHM, iv: row.iv, additionalData: owned(encodeUtf8(place)) };
  try {
    return new Uint8Array(await subtle().decrypt(parameters, key, row.sealed));
  } catch (error) {
    throw new StorageError("storage_broken", error);
  }
}

function subtle(): SubtleCrypto {
  // Absent outside secure contexts, whatever the types say.
  const found = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (found === undefined) throw new StorageError("no_crypto");
  return found;
}

// WebCrypto's types refuse views that might lie on shared memory; ours never do.
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
