import { openDatabase } from "../../src/client/storage/open-database.ts";
import { StorageError } from "../../src/client/storage/storage-error.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import type { RecordChanges, StoredRecord } from "../../src/core/wallet/wallet-records.ts";
import { openWalletStore } from "../../src/client/storage/wallet-store.ts";

/**
 * What every IndexedDB must do for the wallet's store. The suite knows no test runner: it also runs inside a page,
 * because the fake database of Node.js forgives what browsers do not.
 */
export interface StoreCase {
  readonly name: string;
  /** `database` is a name nobody has used. */
  run(database: string): Promise<void>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: string, value: Uint8Array): StoredRecord => ({ key, bytes: value });
const puts = (...records: readonly StoredRecord[]): RecordChanges => ({ puts: records, deletes: [] });

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function same(left: Uint8Array | undefined, right: Uint8Array | undefined, what: string): void {
  check(String(left) === String(right), `${what}: ${String(left)} is not ${String(right)}`);
}

async function refused(work: Promise<unknown>, code: string): Promise<void> {
  const result = await work.then(
    () => "done",
    (error: unknown) => (error instanceof StorageError ? error.code : String(error)),
  );
  check(result === code, `expected ${code}, got ${result}`);
}

function notes(store: ClientStore): readonly StoredRecord[] {
  return store.records().filter(({ key }) => key.startsWith("note/"));
}

async function reopen(store: ClientStore, database: string): Promise<ClientStore> {
  await store.close();
  return openWalletStore({ name: database });
}

async function rawValues(database: string): Promise<readonly unknown[]> {
  const connection = await openDatabase({ name: database });
  const values = [...(await connection.getAll("meta")), ...(await connection.getAll("records"))];
  connection.close();
  return values;
}

function holds(value: unknown, needle: Uint8Array): boolean {
  if (value instanceof ArrayBuffer) return holds(new Uint8Array(value), needle);
  if (value instanceof Uint8Array) return `,${value.join(",")},`.includes(`,${needle.join(",")},`);
  return typeof value === "object" && value !== null && Object.values(value).some((part) => holds(part, needle));
}

export const STORE_CASES: readonly StoreCase[] = [
  {
    name: "gives back after a restart what was written",
    async run(database) {
      let store = await openWalletStore({ name: database });
      check(store.secrets() === undefined && store.records().length === 0, "a new store is empty");
      await store.putSecrets(bytes(1, 2, 3));
      await store.write(puts(put("note/a", bytes(1)), put("note/b", bytes(2)), put("header/a", bytes(3))));
      await store.write({ puts: [put("note/a", bytes(9))], deletes: ["note/b", "note/never"] });
      store = await reopen(store, database);
      same(store.secrets(), bytes(1, 2, 3), "secrets");
      same(store.record("note/a"), bytes(9), "note a");
      same(store.record("note/b"), undefined, "note b");
      same(store.record("header/a"), bytes(3), "header a");
      check(notes(store).length === 1, "one note");
      await store.close();
    },
  },
  {
    name: "packs thousands of records and takes them apart again",
    async run(database) {
      let store = await openWalletStore({ name: database });
      const keys = Array.from({ length: 2_500 }, (_, index) => `header/${index}`);
      await store.write(puts(...keys.map((key, index) => put(key, bytes(index & 255, index >> 8)))));
      await store.write({ puts: [], deletes: keys.filter((_, index) => index % 3 === 0) });
      store = await reopen(store, database);
      check(store.records().length === 1_666, `1666 records, not ${store.records().length}`);
      same(store.record("header/2498"), bytes(2498 & 255, 2498 >> 8), "a late one");
      same(store.record("header/2499"), undefined, "a dropped one");
      await store.write({ puts: [], deletes: store.records().map(({ key }) => key) });
      store = await reopen(store, database);
      check(store.records().length === 0, "all gone");
      await store.close();
    },
  },
  {
    name: "an engine that was overtaken writes nothing any more",
    async run(database) {
      const old = await openWalletStore({ name: database });
      await old.write(puts(put("note/a", bytes(1))));
      const young = await openWalletStore({ name: database });
      await refused(old.putSecrets(bytes(6, 6, 6)), "stale");
      await refused(old.forgetRecords(), "stale");
      await refused(old.erase(), "stale");
      await refused(old.write(puts(put("note/a", bytes(6)), put("note/z", bytes(6)))), "stale");
      await refused(old.write(puts()), "stale");
      await young.write(puts(put("note/b", bytes(2))));
      await old.close();
      const store = await reopen(young, database);
      same(store.record("note/a"), bytes(1), "note a");
      same(store.record("note/b"), bytes(2), "note b");
      check(notes(store).length === 2, "two notes");
      check(store.secrets() === undefined, "nothing of the old engine");
      await store.close();
    },
  },
  {
    name: "of engines that open at once exactly one may write",
    async run(database) {
      const stores = await Promise.all([1, 2, 3, 4].map(() => openWalletStore({ name: database })));
      const results = await Promise.allSettled(
        stores.map((store, index) => store.write(puts(put("note/winner", bytes(index))))),
      );
      const winners = results.flatMap((result, index) => (result.status === "fulfilled" ? [index] : []));
      check(winners.length === 1, `${winners.length} winners`);
      await Promise.all(stores.map((store) => store.close()));
      const store = await openWalletStore({ name: database });
      same(store.record("note/winner"), bytes(winners[0]!), "the winner's note");
      await store.close();
    },
  },
  {
    name: "writes reach the disk in the order they were asked for, also those before a close",
    async run(database) {
      const first = await openWalletStore({ name: database });
      const writes = Array.from({ length: 40 }, (_, index) => {
        // Large and small in turn: sealing the large ones takes longer.
        return first.write(puts(put("note/a", new Uint8Array(index % 2 === 0 ? 200_000 : 1).fill(index))));
      });
      const closed = first.close();
      await refused(first.write(puts(put("note/late", bytes(1)))), "stale");
      await Promise.all([...writes, closed]);
      const store = await openWalletStore({ name: database });
      same(store.record("note/a"), bytes(39), "the last one");
      same(store.record("note/late"), undefined, "what came after the close");
      await store.close();
    },
  },
  {
    name: "forgetting the records of a chain keeps the secrets",
    async run(database) {
      let store = await openWalletStore({ name: database });
      await store.putSecrets(bytes(1, 2, 3));
      await store.write(puts(put("note/a", bytes(1)), put("header/a", bytes(1))));
      await store.forgetRecords();
      check(store.records().length === 0, "no record of the old network");
      await store.write(puts(put("note/b", bytes(2))));
      store = await reopen(store, database);
      same(store.secrets(), bytes(1, 2, 3), "secrets");
      check(store.records().length === 1 && notes(store).length === 1, "only the new note");
      await store.close();
    },
  },
  {
    name: "erase leaves nothing and the store goes on",
    async run(database) {
      let store = await openWalletStore({ name: database });
      await store.putSecrets(bytes(1, 2, 3));
      await store.write(puts(put("note/a", bytes(1))));
      await store.erase();
      check(store.secrets() === undefined && notes(store).length === 0, "empty at once");
      await store.putSecrets(bytes(4));
      store = await reopen(store, database);
      same(store.secrets(), bytes(4), "new secrets");
      check(notes(store).length === 0, "no old note");
      await store.close();
    },
  },
  {
    name: "[NW-12] nothing readable lies in the database, and its key cannot be taken out",
    async run(database) {
      const secret = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);
      const store = await openWalletStore({ name: database });
      await store.putSecrets(secret);
      await store.write(puts(put("note/a", secret)));
      await store.close();
      const values = await rawValues(database);
      check(!values.some((value) => holds(value, secret.slice(0, 8))), "a secret lies open");
      const key = values.find((value) => value instanceof CryptoKey);
      check(key instanceof CryptoKey && !key.extractable, "the key is there and not extractable");
      const exported = await crypto.subtle.exportKey("raw", key as CryptoKey).catch(() => "refused");
      check(exported === "refused", "the key was exported");
    },
  },
  {
    name: "a damaged, truncated or swapped row is storage_broken, not an empty wallet",
    async run(database) {
      let store = await openWalletStore({ name: database });
      await store.write(puts(put("note/a", bytes(1)), put("header/a", bytes(2))));
      await store.close();
      await withRows(database, ([header, note]) => [note, header]);
      await refused(openWalletStore({ name: database }), "storage_broken");
      await withRows(database, ([note, header]) => [header, note]);
      store = await openWalletStore({ name: database });
      await store.close();
      await withRows(database, ([header, note]) => [{ ...header, sealed: header.sealed.slice(1) }, note]);
      await refused(openWalletStore({ name: database }), "storage_broken");
    },
  },
  {
    name: "sealed rows without their key are storage_broken, and no new key hides it",
    async run(database) {
      const store = await openWalletStore({ name: database });
      await store.putSecrets(bytes(1));
      await store.close();
      const connection = await openDatabase({ name: database });
      await connection.delete("meta", "key");
      connection.close();
      await refused(openWalletStore({ name: database }), "storage_broken");
      await refused(openWalletStore({ name: database }), "storage_broken");
    },
  },
  {
    name: "a database of a newer version is left alone",
    async run(database) {
      const newer = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(database, 1_000);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error("cannot open"));
      });
      newer.close();
      await refused(openWalletStore({ name: database }), "storage_newer");
    },
  },
];

interface Row {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

/** Replaces the first rows of `header` and `note` by what the callback makes of them. */
async function withRows(database: string, change: (rows: [Row, Row]) => [Row, Row]): Promise<void> {
  const connection = await openDatabase({ name: database });
  const rows = (await Promise.all([
    connection.get("records", ["header", 0]),
    connection.get("records", ["note", 0]),
  ])) as [Row, Row];
  const [header, note] = change(rows);
  await connection.put("records", header, ["header", 0]);
  await connection.put("records", note, ["note", 0]);
  connection.close();
}
