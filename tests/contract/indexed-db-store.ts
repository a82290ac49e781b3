import { openDatabase } from "../../src/client/storage/open-database.ts";
import { StorageError } from "../../src/client/storage/storage-error.ts";
import { openWalletStore } from "../../src/client/storage/wallet-store.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import {
  bytes,
  check,
  clientStoreCases,
  notes,
  put,
  puts,
  refused as refusedBy,
  same,
  type StoreCase,
  type StorePlatform,
} from "./client-store.ts";

const INDEXED_DB: StorePlatform = {
  open: (name) => openWalletStore({ name }),
  codeOf: (error) => (error instanceof StorageError ? error.code : String(error)),
};

const refused = (work: Promise<unknown>, code: string): Promise<void> => refusedBy(INDEXED_DB, work, code);

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

/**
 * What every IndexedDB must do for the wallet's store, in a page as well: the fake database of Node.js forgives what
 * browsers do not.
 */
export const STORE_CASES: readonly StoreCase[] = [
  ...clientStoreCases(INDEXED_DB),
  {
    name: "an engine that was overtaken writes nothing any more",
    async run(database) {
      const old = await openWalletStore({ name: database });
      await old.write(puts(put("note/a", bytes(1))));
      const young = await openWalletStore({ name: database });
      await refused(old.putSecrets(bytes(6, 6, 6)), "stale");
      await refused(old.forgetRecords([]), "stale");
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
