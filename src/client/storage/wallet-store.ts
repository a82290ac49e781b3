import type { LockView } from "../../api/lock.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { RecordChanges, StoredRecord } from "../../core/wallet/stored-record.ts";
import type { ClientStore } from "../../engine/services/client-store.ts";
import { importAtRestKey, makeAtRestKey, seal, unseal } from "./at-rest-key.ts";
import { encodeSlots, type LockSlot, WALLET_KEY_SIZE } from "./lock-slots.ts";
import { type ClientDatabase, openDatabase } from "./open-database.ts";
import { PackedRecords, type PackedRow } from "./packed-records.ts";
import { LOCK_PLACE, placeOf, SECRETS_PLACE } from "./places.ts";
import { takeOver, type Loaded, type OpenStoreOptions } from "./take-over.ts";
import type { SealedRow } from "./schema.ts";
import { StorageError, storageError } from "./storage-error.ts";
import { type Request, transact, type WriteTransaction } from "./transact.ts";

/** A store that only its owner opens, once it has slots. */
export interface LockableStore extends ClientStore {
  /** The ways in; none: whoever has the device opens it. */
  readonly slots: readonly LockSlot[];
  /**
   * Puts other slots in the place of those of now; `make` is given the key that they seal. The first one, and the loss of
   * the last one, seal everything anew. In one transaction: a kill leaves the old ways in or the new ones.
   */
  protect(make: (walletKey: Uint8Array, slots: readonly LockSlot[]) => readonly LockSlot[]): Promise<void>;
}

export type OpenedStore =
  { readonly ok: true; readonly store: LockableStore } | { readonly ok: false; readonly lock: LockView };

/** Opens the database, takes over from every engine that had it before, and loads all records, unless it is locked. */
export async function openLockableStore(options: OpenStoreOptions = {}): Promise<OpenedStore> {
  const spare = makeAtRestKey();
  // Asked for below; without this a failure meanwhile would also count as unhandled.
  spare.catch(() => undefined);
  const database = await openDatabase(options);
  try {
    const taken = await takeOver(database, await spare, options);
    if (taken.ok) return { ok: true, store: new IndexedDbWalletStore(database, taken.generation, await taken.loading) };
    database.close();
    return taken;
  } catch (error) {
    database.close();
    throw storageError(error);
  }
}

/** The same for a wallet without a lock. */
export async function openWalletStore(options: OpenStoreOptions = {}): Promise<LockableStore> {
  const opened = await openLockableStore(options);
  if (!opened.ok) throw new Error("the wallet is locked");
  return opened.store;
}

/** Empties a database that cannot be opened any more. Its generation goes on: no engine of before writes into it again. */
export async function discardWalletStore(options: OpenStoreOptions = {}): Promise<void> {
  const database = await openDatabase(options);
  try {
    const key = await makeAtRestKey();
    await transact(database, async (transaction) => {
      const before = await transaction.objectStore("meta").get("generation");
      const generation = ((before as number | undefined) ?? 0) + 1;
      return [...emptied(transaction, key), () => transaction.objectStore("meta").put(generation, "generation")];
    });
  } catch (error) {
    throw storageError(error);
  } finally {
    database.close();
  }
}

/** With the old key gone, rows that linger in the browser's files stay closed. */
function emptied(transaction: WriteTransaction, key: CryptoKey): readonly Request[] {
  const meta = transaction.objectStore("meta");
  return [
    () => transaction.objectStore("records").clear(),
    () => meta.delete("secrets"),
    () => meta.delete("lock"),
    () => meta.delete("attempts"),
    () => meta.put(key, "key"),
  ];
}

class IndexedDbWalletStore implements LockableStore {
  readonly #database: ClientDatabase;
  readonly #generation: number;
  #packed: PackedRecords;
  /** Seals the slots, or everything where there are none. */
  #deviceKey: CryptoKey;
  #rowKey: CryptoKey;
  #lock: Loaded["lock"];
  #secrets: Uint8Array | undefined;
  /** Writes go one after the other: sealing a row takes time, and the later one must not be overtaken. */
  #last: Promise<unknown> = Promise.resolve();
  /** After a failed write memory and disk may differ: nothing is written any more. */
  #failure: StorageError | undefined;
  #isClosed = false;

  constructor(database: ClientDatabase, generation: number, loaded: Loaded) {
    this.#database = database;
    this.#generation = generation;
    this.#packed = loaded.packed;
    this.#deviceKey = loaded.deviceKey;
    this.#rowKey = loaded.rowKey;
    this.#lock = loaded.lock;
    this.#secrets = loaded.secrets;
  }

  get slots(): readonly LockSlot[] {
    return this.#lock?.slots ?? [];
  }

  secrets(): Uint8Array | undefined {
    return this.#secrets;
  }

  record(key: string): Uint8Array | undefined {
    return this.#packed.get(key);
  }

  records(): readonly StoredRecord[] {
    return this.#packed.all();
  }

  putSecrets(bytes: Uint8Array): Promise<void> {
    // Nothing of memory is touched before it is stored, so a full disk may be tried again.
    return this.#inTurn(async () => {
      const sealed = await seal(this.#rowKey, SECRETS_PLACE, bytes);
      await this.#transact((transaction) => [() => transaction.objectStore("meta").put(sealed, "secrets")]);
      const stored = (await this.#database.get("meta", "secrets")) as SealedRow | undefined;
      const opened = stored === undefined ? undefined : await unseal(this.#rowKey, SECRETS_PLACE, stored);
      if (opened === undefined || !equalBytes(opened, bytes)) throw new StorageError("storage_failed");
      this.#secrets = opened;
    });
  }

  forgetRecords(kept: readonly string[]): Promise<void> {
    // Nothing of memory is touched before it is stored.
    return this.#inTurn(async () => {
      const packed = new PackedRecords();
      const rows = packed.apply({ puts: this.#packed.all().filter(({ key }) => kept.includes(key)), deletes: [] });
      const sealed = await Promise.all(rows.map((row) => sealRow(this.#rowKey, row)));
      await this.#transact((transaction) => {
        return [() => transaction.objectStore("records").clear(), ...putRows(transaction, sealed)];
      });
      this.#packed = packed;
    });
  }

  write(changes: RecordChanges): Promise<void> {
    return this.#inTurn(async () => {
      const rows = this.#packed.apply(changes);
      try {
        const sealed = await Promise.all(rows.map((row) => sealRow(this.#rowKey, row)));
        await this.#transact((transaction) => putRows(transaction, sealed));
      } catch (error) {
        this.#failure = storageError(error);
        throw this.#failure;
      }
    });
  }

  writeIfRoom(changes: RecordChanges): Promise<boolean> {
    return this.#inTurn(async () => {
      // Nothing of memory is touched before it is stored.
      const packed = this.#packed.copy();
      const rows = packed.apply(changes);
      try {
        const sealed = await Promise.all(rows.map((row) => sealRow(this.#rowKey, row)));
        await this.#transact((transaction) => putRows(transaction, sealed));
      } catch (error) {
        const failure = storageError(error);
        // A transaction that failed has changed nothing.
        if (failure.code === "storage_full") return false;
        this.#failure = failure;
        throw failure;
      }
      this.#packed = packed;
      return true;
    });
  }

  protect(make: (walletKey: Uint8Array, slots: readonly LockSlot[]) => readonly LockSlot[]): Promise<void> {
    return this.#inTurn(async () => {
      const walletKey = this.#lock?.walletKey ?? crypto.getRandomValues(new Uint8Array(WALLET_KEY_SIZE));
      const slots = make(walletKey, this.slots);
      const lock = slots.length === 0 ? undefined : { walletKey, slots };
      if ((lock === undefined) === (this.#lock === undefined)) await this.#changeLock(lock);
      else await this.#sealAnew(lock);
      this.#lock = lock;
    });
  }

  /** Other slots for the same key. */
  async #changeLock(lock: Loaded["lock"]): Promise<void> {
    if (lock === undefined) return;
    const sealed = await seal(this.#deviceKey, LOCK_PLACE, encodeSlots(lock.slots));
    await this.#transact((transaction) => {
      const meta = transaction.objectStore("meta");
      return [() => meta.put(sealed, "lock"), () => meta.delete("attempts")];
    });
  }

  /** Everything goes under a fresh key, and what it was sealed under before is no more. */
  async #sealAnew(lock: Loaded["lock"]): Promise<void> {
    const deviceKey = await makeAtRestKey();
    const rowKey = lock === undefined ? deviceKey : await importAtRestKey(lock.walletKey);
    const rows = await Promise.all(this.#packed.rows().map((row) => sealRow(rowKey, row)));
    const secrets = this.#secrets && (await seal(rowKey, SECRETS_PLACE, this.#secrets));
    const sealedLock = lock && (await seal(deviceKey, LOCK_PLACE, encodeSlots(lock.slots)));
    await this.#transact((transaction) => {
      const meta = transaction.objectStore("meta");
      return [
        ...emptied(transaction, deviceKey),
        ...putRows(transaction, rows),
        ...(secrets === undefined ? [] : [() => meta.put(secrets, "secrets")]),
        ...(sealedLock === undefined ? [] : [() => meta.put(sealedLock, "lock")]),
      ];
    });
    this.#deviceKey = deviceKey;
    this.#rowKey = rowKey;
  }

  erase(): Promise<void> {
    return this.#inTurn(async () => {
      const key = await makeAtRestKey();
      await this.#transact((transaction) => emptied(transaction, key));
      this.#deviceKey = key;
      this.#rowKey = key;
      this.#packed.clear();
      this.#forgetSecrets();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    this.#database.close();
    if (this.#lock !== undefined) this.#forgetSecrets();
  }

  /** Wipes what it can reach; copies that the engine of the browser has made it cannot. */
  #forgetSecrets(): void {
    this.#lock?.walletKey.fill(0);
    this.#lock = undefined;
    this.#secrets?.fill(0);
    this.#secrets = undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StorageError("stale"));
    const turn = this.#last.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return work();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** A write that first checks that no newer engine has opened the database. */
  async #transact(requests: (transaction: WriteTransaction) => readonly Request[]): Promise<void> {
    await transact(this.#database, async (transaction) => {
      const newest = await transaction.objectStore("meta").get("generation");
      if (newest !== this.#generation) throw new StorageError("stale");
      return requests(transaction);
    });
  }
}

interface SealedRecords {
  readonly id: [string, number];
  readonly value: SealedRow | undefined;
}

async function sealRow(rowKey: CryptoKey, { kind, row, bytes }: PackedRow): Promise<SealedRecords> {
  const value = bytes === undefined ? undefined : await seal(rowKey, placeOf(kind, row), bytes);
  return { id: [kind, row], value };
}

function putRows(transaction: WriteTransaction, rows: readonly SealedRecords[]): readonly Request[] {
  const store = transaction.objectStore("records");
  return rows.map(
    ({ id, value }) =>
      () =>
        value === undefined ? store.delete(id) : store.put(value, id),
  );
}
