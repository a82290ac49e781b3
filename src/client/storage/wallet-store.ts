import { DecodeError } from "../../core/bytes/decode-error.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { makeAtRestKey, seal, unseal } from "./at-rest-key.ts";
import { type ClientDatabase, openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
import type { ClientStore } from "../../engine/services/client-store.ts";
import type { RecordChanges, StoredRecord } from "../../core/wallet/stored-record.ts";
import { PackedRecords, type PackedRow } from "./packed-records.ts";
import type { MetaRows, SealedRow } from "./schema.ts";
import { StorageError, storageError } from "./storage-error.ts";

const SECRETS_PLACE = "secrets";
const placeOf = (kind: string, row: number): string => `records/${kind}/${row}`;

/** Opens the database, takes over from every engine that had it before, and loads all records. */
export async function openWalletStore(options: OpenDatabaseOptions = {}): Promise<ClientStore> {
  const spare = makeAtRestKey();
  // Asked for below; without this a failure meanwhile would also count as unhandled.
  spare.catch(() => undefined);
  const database = await openDatabase(options);
  try {
    const { generation, key, loading } = await takeOver(database, await spare);
    const { secrets, packed } = await loading;
    return new IndexedDbWalletStore(database, generation, key, packed, secrets);
  } catch (error) {
    database.close();
    throw storageError(error);
  }
}

/** Empties a database that cannot be read any more. Its generation goes on: no engine of before writes into it again. */
export async function discardWalletStore(options: OpenDatabaseOptions = {}): Promise<void> {
  const database = await openDatabase(options);
  try {
    const key = await makeAtRestKey();
    await transact(database, async (transaction) => {
      const meta = transaction.objectStore("meta");
      const before = await meta.get("generation");
      return [
        () => transaction.objectStore("records").clear(),
        () => meta.delete("secrets"),
        () => meta.put(key, "key"),
        () => meta.put(((before as number | undefined) ?? 0) + 1, "generation"),
      ];
    });
  } catch (error) {
    throw storageError(error);
  } finally {
    database.close();
  }
}

interface Taken extends Pick<MetaRows, "generation" | "key"> {
  readonly loading: Promise<Loaded>;
}

/**
 * Counts the generation up, so that no engine opened earlier can write any more, and makes sure there is a key. What it
 * read in the same transaction is opened while that is being made durable.
 */
async function takeOver(database: ClientDatabase, spare: CryptoKey): Promise<Taken> {
  let taken: Taken | undefined;
  await transact(database, async (transaction) => {
    const meta = transaction.objectStore("meta");
    const records = transaction.objectStore("records");
    const [before, stored, secrets, places, rows] = await Promise.all([
      meta.get("generation") as Promise<number | undefined>,
      meta.get("key") as Promise<CryptoKey | undefined>,
      meta.get("secrets") as Promise<SealedRow | undefined>,
      records.getAllKeys(),
      records.getAll(),
    ]);
    // A key can be missing only with everything it has sealed.
    if (stored === undefined && (secrets !== undefined || rows.length > 0)) throw new StorageError("storage_broken");
    const generation = (before ?? 0) + 1;
    const key = stored ?? spare;
    const loading = load(key, secrets, places, rows);
    loading.catch(() => undefined);
    taken = { generation, key, loading };
    return [() => meta.put(generation, "generation"), () => meta.put(key, "key")];
  });
  return taken!;
}

interface Loaded {
  readonly secrets: Uint8Array | undefined;
  readonly packed: PackedRecords;
}

async function load(
  key: CryptoKey,
  secrets: SealedRow | undefined,
  places: readonly (readonly [kind: string, row: number])[],
  rows: readonly SealedRow[],
): Promise<Loaded> {
  const packed = new PackedRecords();
  const opened = await Promise.all(
    rows.map(async (row, index) => {
      const [kind, number] = places[index]!;
      return { kind, number, bytes: await unseal(key, placeOf(kind, number), row) };
    }),
  );
  for (const { kind, number, bytes } of opened) loadRow(packed, kind, number, bytes);
  const openedSecrets = secrets === undefined ? undefined : await unseal(key, SECRETS_PLACE, secrets);
  return { secrets: openedSecrets, packed };
}

function loadRow(packed: PackedRecords, kind: string, row: number, bytes: Uint8Array): void {
  try {
    packed.load(kind, row, bytes);
  } catch (error) {
    if (error instanceof DecodeError) throw new StorageError("storage_broken", error);
    throw error;
  }
}

type Request = () => Promise<unknown>;
type WriteTransaction = ReturnType<typeof openWrite>;

function openWrite(database: ClientDatabase) {
  return database.transaction(["meta", "records"], "readwrite", { durability: "strict" });
}

/** One durable transaction: what `plan` reads first, then the requests that it gives. It awaits only itself. */
async function transact(
  database: ClientDatabase,
  plan: (transaction: WriteTransaction) => Promise<readonly Request[]>,
): Promise<void> {
  let transaction: WriteTransaction;
  try {
    transaction = openWrite(database);
  } catch (error) {
    throw storageError(error);
  }
  // Handled below; without this an early failure would also count as unhandled.
  transaction.done.catch(() => undefined);
  try {
    const requests = await plan(transaction);
    const pending: Promise<unknown>[] = [transaction.done];
    for (const request of requests) {
      const promise = request();
      promise.catch(() => undefined);
      pending.push(promise);
    }
    await Promise.all(pending);
  } catch (error) {
    abort(transaction);
    // Requests of an aborted transaction fail with AbortError; the transaction itself knows the reason.
    const reason: unknown = await transaction.done.then(
      () => error,
      (why: unknown) => why,
    );
    throw storageError(reason, storageError(error).code);
  }
}

class IndexedDbWalletStore implements ClientStore {
  readonly #database: ClientDatabase;
  readonly #generation: number;
  #key: CryptoKey;
  readonly #packed: PackedRecords;
  #secrets: Uint8Array | undefined;
  /** Writes go one after the other: sealing a row takes time, and the later one must not be overtaken. */
  #last: Promise<unknown> = Promise.resolve();
  /** After a failed write memory and disk may differ: nothing is written any more. */
  #failure: StorageError | undefined;
  #isClosed = false;

  constructor(
    database: ClientDatabase,
    generation: number,
    key: CryptoKey,
    packed: PackedRecords,
    secrets: Uint8Array | undefined,
  ) {
    this.#database = database;
    this.#generation = generation;
    this.#key = key;
    this.#packed = packed;
    this.#secrets = secrets;
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
      const sealed = await seal(this.#key, SECRETS_PLACE, bytes);
      await this.#transact((transaction) => [() => transaction.objectStore("meta").put(sealed, "secrets")]);
      const stored = (await this.#database.get("meta", "secrets")) as SealedRow | undefined;
      const opened = stored === undefined ? undefined : await unseal(this.#key, SECRETS_PLACE, stored);
      if (opened === undefined || !equalBytes(opened, bytes)) throw new StorageError("storage_failed");
      this.#secrets = opened;
    });
  }

  forgetRecords(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#transact((transaction) => [() => transaction.objectStore("records").clear()]);
      this.#packed.clear();
    });
  }

  write(changes: RecordChanges): Promise<void> {
    return this.#inTurn(async () => {
      const rows = this.#packed.apply(changes);
      try {
        const sealed = await Promise.all(rows.map((row) => this.#sealRow(row)));
        await this.#transact((transaction) => {
          const store = transaction.objectStore("records");
          return sealed.map(
            ({ id, value }) =>
              () =>
                value === undefined ? store.delete(id) : store.put(value, id),
          );
        });
      } catch (error) {
        this.#failure = storageError(error);
        throw this.#failure;
      }
    });
  }

  erase(): Promise<void> {
    return this.#inTurn(async () => {
      const key = await makeAtRestKey();
      await this.#transact((transaction) => {
        const meta = transaction.objectStore("meta");
        return [
          () => transaction.objectStore("records").clear(),
          () => meta.delete("secrets"),
          // With the old key gone, rows that linger in the browser's files stay closed.
          () => meta.put(key, "key"),
        ];
      });
      this.#key = key;
      this.#packed.clear();
      this.#secrets = undefined;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    this.#database.close();
  }

  async #sealRow({ kind, row, bytes }: PackedRow): Promise<{ id: [string, number]; value: SealedRow | undefined }> {
    const value = bytes === undefined ? undefined : await seal(this.#key, placeOf(kind, row), bytes);
    return { id: [kind, row], value };
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

function abort(transaction: WriteTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
