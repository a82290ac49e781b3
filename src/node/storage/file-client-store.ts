import { chmod, mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import type { RecordChanges, StoredRecord } from "../../core/wallet/stored-record.ts";
import type { ClientStore } from "../../engine/services/client-store.ts";
import { Refusal } from "../refusal.ts";
import { lockDirectory, type DirectoryLock } from "./directory-lock.ts";
import { decodeEntry, encodeEntry } from "./record-changes.ts";
import { continueLog, readLog, writeLog, type SealedLog } from "./sealed-log.ts";
import {
  freshSecrets,
  openSecrets,
  readSecretsFile,
  writeSecrets,
  type FolderSecrets,
  type KeyProtection,
  type SecretsFile,
} from "./secrets-file.ts";
import { refusalOfStore, storeRefusal } from "./store-refusal.ts";

export interface FileStoreOptions {
  /** Made if missing. */
  readonly directory: string;
  /** Asked once: `isNew` for a folder without a key, else whether its key is under a passphrase. */
  readonly protection: (folder: { readonly isNew: boolean; readonly isLocked: boolean }) => Promise<KeyProtection>;
}

const SECRETS_FILE = "secrets";
const LOG_FILE = /^records-[0-9a-f]{32}$/;
/** A log this many times larger than what it says is written anew. */
const WASTE_FACTOR = 4;
const LOG_BYTES_MIN = 1024 * 1024;

/** Whether a folder holds a wallet, without opening it. Refuses a damaged or newer one by name. */
export async function hasWallet(directory: string): Promise<boolean> {
  try {
    const file = await readSecretsFile(join(directory, SECRETS_FILE));
    return file !== undefined && file.sealed.length > 0;
  } catch (error) {
    throw refusalOfStore(error);
  }
}

/**
 * Takes away what an open store has made in its folder, closes it, and takes away the folder if nothing else is in it.
 * Under the lock: what another process makes there next is its own.
 */
export async function removeFileStore(directory: string, store: ClientStore): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  // The secrets first: without their records they would be a broken wallet.
  for (const name of [SECRETS_FILE, ...names.filter((each) => LOG_FILE.test(each))]) {
    await rm(join(directory, name), { force: true });
  }
  await store.close();
  await rmdir(directory).catch(() => undefined);
}

/**
 * A client's store in a folder: `secrets` holds the wallet's secrets and the key of everything else, `records-…` is a
 * log of writes, each whole or not at all and on disk when it resolves. One process at a time (`wallet_in_use`).
 * Damaged and newer files are refused by name and left as they are.
 */
export async function openFileStore(options: FileStoreOptions): Promise<ClientStore> {
  const { directory } = options;
  let lock: DirectoryLock | undefined;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    lock = await lockDirectory(directory);
    return await openLocked(options, lock);
  } catch (error) {
    await lock?.release();
    throw refusalOfStore(error);
  }
}

async function openLocked({ directory, protection }: FileStoreOptions, lock: DirectoryLock): Promise<ClientStore> {
  const path = join(directory, SECRETS_FILE);
  const file = await readSecretsFile(path);
  const chosen = await protection({ isNew: file === undefined, isLocked: file?.lock !== undefined });
  const folder = file && (await openOrGiveUp(file, chosen));
  if (folder === undefined) {
    const fresh = freshSecrets();
    const log = await writeLog(logPath(directory, fresh), fresh, []);
    try {
      await writeSecrets(path, fresh, chosen);
    } catch (error) {
      await log.close();
      throw error;
    }
    if (file !== undefined) await rm(logPath(directory, file), { force: true });
    return new FileStore({ directory, lock, protection: chosen, folder: fresh, log, records: new Map() });
  }
  await chmod(path, 0o600);
  const { log, records } = await openLog(directory, folder);
  return new FileStore({ directory, lock, protection: chosen, folder, log, records });
}

/**
 * What a file holds; undefined for one without a wallet that is kept otherwise. A command that was killed before it had
 * a wallet left it: nobody may know its passphrase, and a key that lay in clear must not seal what a passphrase guards.
 */
async function openOrGiveUp(file: SecretsFile, protection: KeyProtection): Promise<FolderSecrets | undefined> {
  const isWithout = file.sealed.length === 0;
  if (isWithout && file.lock === undefined && protection.type === "passphrase") return undefined;
  try {
    return await openSecrets(file, protection);
  } catch (error) {
    if (isWithout && error instanceof Refusal && error.code === "wrong_passphrase") return undefined;
    throw error;
  }
}

function logPath(directory: string, { logId }: { readonly logId: Uint8Array }): string {
  return join(directory, `records-${formatHex(logId)}`);
}

type Records = Map<string, Uint8Array>;

async function openLog(directory: string, folder: FolderSecrets): Promise<{ log: SealedLog; records: Records }> {
  const path = logPath(directory, folder);
  const { entries, isTorn, size } = await readLog(path, folder);
  const records: Records = new Map();
  for (const bytes of entries) {
    const entry = tryDecode(decodeEntry, bytes);
    if (!entry.ok) throw storeRefusal("storage_broken");
    if (entry.value.isFresh) records.clear();
    apply(records, entry.value);
  }
  // What was torn off is written over by nothing: a new file takes its place.
  const log = isTorn
    ? await rewrite(directory, folder, records)
    : await continueLog(path, folder, entries.length, size);
  return { log, records };
}

function apply(records: Records, { puts, deletes }: RecordChanges): void {
  for (const key of deletes) records.delete(key);
  for (const { key, bytes } of puts) records.set(key, bytes);
}

/** A log that says what the records are now and nothing else. */
function rewrite(directory: string, folder: FolderSecrets, records: Records): Promise<SealedLog> {
  const puts = [...records].map(([key, bytes]) => ({ key, bytes }));
  const entries = puts.length === 0 ? [] : [encodeEntry({ isFresh: true, deletes: [], puts })];
  return writeLog(logPath(directory, folder), folder, entries);
}

interface OpenFolder {
  readonly directory: string;
  readonly lock: DirectoryLock;
  readonly protection: KeyProtection;
  readonly folder: FolderSecrets;
  readonly log: SealedLog;
  readonly records: Records;
}

class FileStore implements ClientStore {
  readonly #directory: string;
  readonly #lock: DirectoryLock;
  readonly #protection: KeyProtection;
  readonly #records: Records;
  #folder: FolderSecrets;
  #log: SealedLog;
  /** Writes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** After a failed write memory and disk may differ: nothing is written any more. */
  #failure: Refusal | undefined;
  #isClosed = false;

  constructor(open: OpenFolder) {
    this.#directory = open.directory;
    this.#lock = open.lock;
    this.#protection = open.protection;
    this.#folder = open.folder;
    this.#log = open.log;
    this.#records = open.records;
  }

  secrets(): Uint8Array | undefined {
    return this.#folder.secrets;
  }

  record(key: string): Uint8Array | undefined {
    return this.#records.get(key);
  }

  records(): readonly StoredRecord[] {
    return [...this.#records].map(([key, bytes]) => ({ key, bytes }));
  }

  putSecrets(bytes: Uint8Array): Promise<void> {
    // Nothing of memory is touched before it is stored, so a full disk may be tried again.
    return this.#inTurn(async () => {
      const path = join(this.#directory, SECRETS_FILE);
      await writeSecrets(path, { ...this.#folder, secrets: bytes }, this.#protection);
      const stored = await readSecretsFile(path);
      const opened = stored && (await openSecrets(stored, this.#protection));
      if (opened?.secrets === undefined || !equalBytes(opened.secrets, bytes)) throw storeRefusal("storage_failed");
      this.#folder = opened;
    });
  }

  write(changes: RecordChanges): Promise<void> {
    return this.#inTurn(async () => {
      await this.#orNothing(() => this.#log.append(encodeEntry({ ...changes, isFresh: false })));
      apply(this.#records, changes);
      if (!this.#isWasteful()) return;
      // What is in the log counts, whatever comes of the new one: only the next write fails. Else a payment that will
      // be sent would be called not stored.
      await this.#orNothing(() => this.#replaceLog(this.#folder, this.#records)).catch(() => undefined);
    });
  }

  /** What a full disk has left of it in the log nobody can tell: it rejects as `write` does. */
  async writeIfRoom(changes: RecordChanges): Promise<boolean> {
    await this.write(changes);
    return true;
  }

  forgetRecords(kept: readonly string[]): Promise<void> {
    return this.#inTurn(() =>
      this.#orNothing(async () => {
        const dropped = [...this.#records.keys()].filter((key) => !kept.includes(key));
        const left = new Map(this.#records);
        apply(left, { puts: [], deletes: dropped });
        await this.#replaceLog(this.#folder, left);
        apply(this.#records, { puts: [], deletes: dropped });
      }),
    );
  }

  erase(): Promise<void> {
    return this.#inTurn(() =>
      this.#orNothing(async () => {
        const before = logPath(this.#directory, this.#folder);
        const folder = freshSecrets();
        await this.#replaceLog(folder, new Map());
        // With the old key gone, what lingers on the disk stays closed.
        await writeSecrets(join(this.#directory, SECRETS_FILE), folder, this.#protection);
        this.#folder = folder;
        this.#records.clear();
        await rm(before, { force: true });
      }),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#last;
    await this.#log.close();
    await this.#lock.release();
  }

  #isWasteful(): boolean {
    if (this.#log.size < LOG_BYTES_MIN) return false;
    let live = 0;
    for (const [key, bytes] of this.#records) live += key.length + bytes.length;
    return this.#log.size > WASTE_FACTOR * live;
  }

  async #replaceLog(folder: FolderSecrets, records: Records): Promise<void> {
    const before = this.#log;
    this.#log = await rewrite(this.#directory, folder, records);
    await before.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(storeRefusal("stale"));
    const turn = this.#last.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      // A process that took this one for dead: what it writes counts.
      if (!(await this.#lock.isHeld())) throw (this.#failure = storeRefusal("stale"));
      try {
        return await work();
      } catch (error) {
        throw refusalOfStore(error);
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #orNothing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failure = refusalOfStore(error);
      throw this.#failure;
    }
  }
}
