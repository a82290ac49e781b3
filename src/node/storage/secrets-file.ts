import { scrypt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { DecodeError, tryDecode } from "../../core/bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../../core/bytes/reader.ts";
import { encodeUtf8 } from "../../core/bytes/utf8.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { AEAD_TAG_SIZE, aeadOpen, aeadSeal } from "../../core/crypto/aead.ts";
import { hash32, sha256Hash } from "../../core/crypto/tagged-hash.ts";
import { systemRandom } from "../edges.ts";
import { Refusal } from "../refusal.ts";
import { replaceDurably } from "./durable-file.ts";
import { storeRefusal } from "./store-refusal.ts";

/** How the key of a folder is kept: under a passphrase, or in clear for whoever can read the file. */
export type KeyProtection =
  { readonly type: "passphrase"; readonly passphrase: string; readonly costLog2?: number } | { readonly type: "none" };

/** What `secrets` holds, opened. */
export interface FolderSecrets {
  /** Seals the records, 32 bytes. */
  readonly key: Uint8Array;
  /** Names the file of the records, 16 bytes. */
  readonly logId: Uint8Array;
  /** The wallet's secrets; undefined in a folder without a wallet. */
  readonly secrets: Uint8Array | undefined;
}

/** The file as it is. */
export interface SecretsFile {
  /** scrypt's cost and salt; undefined: the key is in clear. */
  readonly lock: { readonly costLog2: number; readonly salt: Uint8Array } | undefined;
  /** Sealed under the passphrase's key, or in clear. */
  readonly key: Uint8Array;
  readonly logId: Uint8Array;
  /** salt16 ‖ sealed; empty without a wallet. */
  readonly sealed: Uint8Array;
}

const MAGIC = encodeUtf8("stgwallt");
const VERSION = 1;
const KEY_SIZE = 32;
const SALT_SIZE = 16;
const CHECK_SIZE = 8;
/** scrypt's N as a power of two, r = 8, p = 1: about half a second and 128 MiB. */
const COST_LOG2 = 17;
const COST_LOG2_MAX = 18;
const BLOCK_SIZE = 8;

/**
 * `"stgwallt" ‖ ver u8 ‖ locked u8 [cost u8 ‖ salt16] ‖ key32 (+16 if locked) ‖ logId16 ‖ u16 size ‖ sealed ‖ check8`,
 * check = the first bytes of the SHA-256 of all before it: damage is not a wrong passphrase.
 */
export function encodeSecretsFile(file: SecretsFile): Uint8Array {
  const writer = new Writer(256)
    .bytes(MAGIC)
    .u8(VERSION)
    .u8(file.lock === undefined ? 0 : 1);
  if (file.lock !== undefined) writer.u8(file.lock.costLog2).fixed(file.lock.salt, SALT_SIZE);
  writer.fixed(file.key, file.lock === undefined ? KEY_SIZE : KEY_SIZE + AEAD_TAG_SIZE).fixed(file.logId, SALT_SIZE);
  const body = writer.u16(file.sealed.length).bytes(file.sealed).finish();
  return concatBytes(body, sha256Hash(body).slice(0, CHECK_SIZE));
}

/** The inverse of {@link encodeSecretsFile}. */
export function decodeSecretsFile(bytes: Uint8Array): SecretsFile {
  const body = bytes.slice(0, Math.max(0, bytes.length - CHECK_SIZE));
  if (!equalBytes(sha256Hash(body).slice(0, CHECK_SIZE), bytes.slice(body.length))) throw new DecodeError("damaged");
  return decodeWhole(body, (reader) => {
    if (!equalBytes(reader.bytes(MAGIC.length), MAGIC)) throw new DecodeError("another file");
    if (reader.u8() !== VERSION) throw new DecodeError("another version");
    const isLocked = reader.u8();
    if (isLocked > 1) throw new DecodeError("unknown protection");
    const lock = isLocked === 1 ? { costLog2: readCost(reader), salt: reader.bytes(SALT_SIZE) } : undefined;
    const key = reader.bytes(lock === undefined ? KEY_SIZE : KEY_SIZE + AEAD_TAG_SIZE);
    const logId = reader.bytes(SALT_SIZE);
    return { lock, key, logId, sealed: reader.bytes(reader.u16()) };
  });
}

function readCost(reader: Reader): number {
  const cost = reader.u8();
  if (cost < 1 || cost > COST_LOG2_MAX) throw new DecodeError(`cost ${cost}`);
  return cost;
}

/** The file, undefined where there is none. Refuses with `storage_newer` and `storage_broken`. */
export async function readSecretsFile(path: string): Promise<SecretsFile | undefined> {
  const read = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (read === undefined) return undefined;
  const bytes = new Uint8Array(read);
  const isOurs = equalBytes(bytes.slice(0, MAGIC.length), MAGIC);
  if (isOurs && (bytes[MAGIC.length] ?? 0) > VERSION) throw storeRefusal("storage_newer");
  const decoded = tryDecode(decodeSecretsFile, bytes);
  if (!decoded.ok) throw storeRefusal("storage_broken");
  return decoded.value;
}

/** A key for a new folder, and none of its secrets. */
export function freshSecrets(): FolderSecrets {
  return { key: systemRandom.bytes(KEY_SIZE), logId: systemRandom.bytes(SALT_SIZE), secrets: undefined };
}

/** Opens a file. Refuses a passphrase that is not the one with `wrong_passphrase`. */
export async function openSecrets(file: SecretsFile, protection: KeyProtection): Promise<FolderSecrets> {
  const { lock, key: kept, logId, sealed } = file;
  if (lock !== undefined && protection.type === "none") throw wrongPassphrase();
  const key =
    lock === undefined || protection.type === "none"
      ? kept
      : aeadOpen(await deriveKey(protection.passphrase, lock), kept);
  if (key === undefined) throw wrongPassphrase();
  if (sealed.length === 0) return { key, logId, secrets: undefined };
  const secrets = aeadOpen(secretsKey(key, sealed.slice(0, SALT_SIZE)), sealed.slice(SALT_SIZE), logId);
  if (secrets === undefined) throw storeRefusal("storage_broken");
  return { key, logId, secrets };
}

/** Writes a file, wholly or not at all; durable when it resolves. Each time under another key of the passphrase. */
export async function writeSecrets(path: string, folder: FolderSecrets, protection: KeyProtection): Promise<void> {
  const salt = systemRandom.bytes(SALT_SIZE);
  const lock = protection.type === "none" ? undefined : { costLog2: protection.costLog2 ?? COST_LOG2, salt };
  const key =
    lock === undefined || protection.type === "none"
      ? folder.key
      : aeadSeal(await deriveKey(protection.passphrase, lock), folder.key);
  await replaceDurably(path, encodeSecretsFile({ lock, key, logId: folder.logId, sealed: sealSecrets(folder) }));
}

function sealSecrets({ key, logId, secrets }: FolderSecrets): Uint8Array {
  if (secrets === undefined) return new Uint8Array(0);
  const salt = systemRandom.bytes(SALT_SIZE);
  return concatBytes(salt, aeadSeal(secretsKey(key, salt), secrets, logId));
}

function secretsKey(key: Uint8Array, salt: Uint8Array): Uint8Array {
  return hash32("stg/store-secrets", key, salt);
}

function wrongPassphrase(): Refusal {
  return new Refusal("wrong_passphrase", "the passphrase is not that of this wallet");
}

/** A key for one text: scrypt of RFC 7914 over the passphrase, however its letters were composed. */
function deriveKey(
  passphrase: string,
  lock: { readonly costLog2: number; readonly salt: Uint8Array },
): Promise<Uint8Array> {
  const cost = 2 ** lock.costLog2;
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 256 * BLOCK_SIZE * cost };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), lock.salt, KEY_SIZE, options, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}
