import { createHash } from "node:crypto";
import { open, readFile, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { Reader } from "../../core/bytes/reader.ts";
import { encodeUtf8 } from "../../core/bytes/utf8.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import { height, type Height } from "../../core/values/height.ts";
import { Refusal } from "../refusal.ts";

/** What kind of message a signature stands under. */
export const SIGNER_TYPE = { proposal: 0, prevote: 1, precommit: 2 } as const;
export type SignerType = keyof typeof SIGNER_TYPE;

/** One own signature: its place and the 32 bytes it signs. */
export interface SignerRecord {
  readonly height: Height;
  readonly round: number;
  readonly type: SignerType;
  readonly hash: Hash;
}

/** Last guard against signing two things for one place (CO-14), even if the database with the consensus log was lost. */
export interface SignerFile {
  /**
   * True once the record is on disk: the signature may leave. False if another hash stands at its place, or if a
   * signature of a greater height was given before: then nothing may be signed. Asking again for the same is true.
   */
  claim(record: SignerRecord): Promise<boolean>;
  /** Everything granted at the greatest height there was. */
  newest(): readonly SignerRecord[];
  close(): Promise<void>;
}

const MAGIC = encodeUtf8("stgsign1");
const CHECKSUM_SIZE = 4;
const RECORD_SIZE = 8 + 4 + 1 + 32 + CHECKSUM_SIZE;
/** A running node rewrites its file at this size: a few days of votes. */
export const SIGNER_FILE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Opens or makes a signer file and drops what lies below the greatest height. A torn record at the end was never
 * granted and is dropped; any other damage is refused with `signer_file_damaged`.
 */
export async function openSignerFile(path: string, bytesMax = SIGNER_FILE_BYTES_MAX): Promise<SignerFile> {
  const signed = new SignedPlaces();
  for (const record of await readRecords(path)) signed.add(record);
  return new AppendingSignerFile(path, signed, await rewrite(path, signed), bytesMax);
}

/** The hashes signed at the greatest height; every lower height is closed. */
class SignedPlaces {
  #height = -1;
  readonly #records = new Map<string, SignerRecord>();

  /** "new" may be recorded, "same" is recorded already, "refused" must not be signed. */
  judge(record: SignerRecord): "new" | "same" | "refused" {
    if (record.height < this.#height) return "refused";
    if (record.height > this.#height) return "new";
    const known = this.#records.get(placeOf(record));
    if (known === undefined) return "new";
    return equalBytes(known.hash, record.hash) ? "same" : "refused";
  }

  add(record: SignerRecord): void {
    if (record.height > this.#height) {
      this.#height = record.height;
      this.#records.clear();
    }
    if (record.height === this.#height) this.#records.set(placeOf(record), record);
  }

  list(): readonly SignerRecord[] {
    return [...this.#records.values()];
  }
}

/** Round and type: what one thing may be signed for at a height. */
export const placeOf = (record: SignerRecord): string => `${record.round}:${record.type}`;

class AppendingSignerFile implements SignerFile {
  readonly #path: string;
  readonly #signed: SignedPlaces;
  readonly #bytesMax: number;
  #handle: FileHandle;
  #size: number;
  /** Claims go one after another, so that two at once for one place cannot both be "new". */
  #lastClaim: Promise<unknown> = Promise.resolve();
  /** A failed write leaves the end of the file unknown: nothing is granted after it. */
  #isBroken = false;

  constructor(path: string, signed: SignedPlaces, handle: FileHandle, bytesMax: number) {
    this.#path = path;
    this.#signed = signed;
    this.#handle = handle;
    this.#bytesMax = bytesMax;
    this.#size = fileSize(signed);
  }

  claim(record: SignerRecord): Promise<boolean> {
    const claimed = this.#lastClaim.then(() => this.#claim(record));
    this.#lastClaim = claimed.catch(() => undefined);
    return claimed;
  }

  newest(): readonly SignerRecord[] {
    return this.#signed.list();
  }

  async close(): Promise<void> {
    await this.#lastClaim;
    await this.#handle.close();
  }

  async #claim(record: SignerRecord): Promise<boolean> {
    if (this.#isBroken) throw new Error("the signer file could not be written");
    const judged = this.#signed.judge(record);
    if (judged !== "new") return judged === "same";
    this.#isBroken = true;
    if (this.#size >= this.#bytesMax) await this.#compact();
    await this.#handle.appendFile(encodeRecord(record));
    await this.#handle.datasync();
    this.#isBroken = false;
    this.#size += RECORD_SIZE;
    this.#signed.add(record);
    return true;
  }

  async #compact(): Promise<void> {
    await this.#handle.close();
    this.#handle = await rewrite(this.#path, this.#signed);
    this.#size = fileSize(this.#signed);
  }
}

const fileSize = (signed: SignedPlaces): number => MAGIC.length + RECORD_SIZE * signed.list().length;

/** Puts a compact file in place of the old one, durably, and opens it for appending. */
async function rewrite(path: string, signed: SignedPlaces): Promise<FileHandle> {
  const aside = `${path}.new`;
  const file = await open(aside, "w", 0o600);
  try {
    await file.writeFile(concatBytes(MAGIC, ...signed.list().map(encodeRecord)));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return await open(path, "a", 0o600);
}

async function readRecords(path: string): Promise<readonly SignerRecord[]> {
  let bytes: Uint8Array;
  try {
    // Not as a Buffer, whose `slice` would not copy.
    bytes = new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  // The file is renamed into place with its first bytes synced, so a crash cannot have left less.
  if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) throw damaged();
  const records: SignerRecord[] = [];
  for (let offset = MAGIC.length; offset + RECORD_SIZE <= bytes.length; offset += RECORD_SIZE) {
    const record = decodeRecord(bytes.subarray(offset, offset + RECORD_SIZE));
    if (record !== undefined) records.push(record);
    else if (offset + 2 * RECORD_SIZE <= bytes.length) throw damaged();
  }
  return records;
}

function damaged(): Refusal {
  return new Refusal("signer_file_damaged", "the signer file is damaged; starting without it could sign twice");
}

function encodeRecord(record: SignerRecord): Uint8Array {
  const writer = new Writer(RECORD_SIZE).u64(record.height).u32(record.round).u8(SIGNER_TYPE[record.type]);
  const body = writer.fixed(record.hash, 32).finish();
  return concatBytes(body, checksum(body));
}

function decodeRecord(bytes: Uint8Array): SignerRecord | undefined {
  const body = bytes.subarray(0, RECORD_SIZE - CHECKSUM_SIZE);
  if (!equalBytes(checksum(body), bytes.subarray(RECORD_SIZE - CHECKSUM_SIZE))) return undefined;
  const reader = new Reader(body);
  const place = { height: height(reader.u53()), round: reader.u32() };
  const type = TYPES[reader.u8()];
  return type === undefined ? undefined : { ...place, type, hash: hash(reader.bytes(32)) };
}

const TYPES: readonly SignerType[] = ["proposal", "prevote", "precommit"];

function checksum(body: Uint8Array): Uint8Array {
  return createHash("sha256").update(body).digest().subarray(0, CHECKSUM_SIZE);
}
