import { openDB, unwrap, type IDBPDatabase } from "idb";
import { DATABASE_NAME } from "./database-name.ts";
import { MIGRATIONS, type Migration } from "./migrations/migration.ts";
import type { ClientSchema } from "./schema.ts";
import { StorageError, storageError } from "./storage-error.ts";

export type ClientDatabase = IDBPDatabase<ClientSchema>;

/** A tab of an older version that does not let go in this time keeps us out. */
const BLOCKED_TIMEOUT_MS = 3_000;

/** newer: another version of the app wants to change the database. lost: it was deleted, by the browser or a person. */
export type ClosedCode = "newer" | "lost";

export interface OpenDatabaseOptions {
  readonly name?: string;
  /** Other than those of this version: for tests that come from an older shape. */
  readonly migrations?: readonly Migration[];
  /** The connection is gone, and why. */
  readonly onClosed?: (why: ClosedCode) => void;
}

/** Opens the database and brings it to this version. Rejects with a {@link StorageError}; there is no other store to fall back on. */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<ClientDatabase> {
  if (!("indexedDB" in globalThis)) throw new StorageError("storage_denied");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refuse: (error: StorageError) => void = () => undefined;
  const blocked = new Promise<never>((_resolve, reject) => (refuse = reject));
  let opening: Promise<ClientDatabase> | undefined;
  try {
    opening = openCurrent(options, () => {
      timer = setTimeout(() => refuse(new StorageError("stale")), BLOCKED_TIMEOUT_MS);
    });
    return await Promise.race([opening, blocked]);
  } catch (error) {
    // An opening that succeeds after all must not hold the database.
    opening?.then(
      (database) => database.close(),
      () => undefined,
    );
    throw storageError(error, "storage_denied");
  } finally {
    clearTimeout(timer);
  }
}

function openCurrent(options: OpenDatabaseOptions, blocked: () => void): Promise<ClientDatabase> {
  const migrations = options.migrations ?? MIGRATIONS;
  return openDB<ClientSchema>(options.name ?? DATABASE_NAME, migrations.length, {
    upgrade: (database, oldVersion, _newVersion, transaction) => {
      for (const migrate of migrations.slice(oldVersion)) migrate(unwrap(database), unwrap(transaction));
    },
    blocked,
    // Whoever upgrades or deletes waits until we let go.
    blocking: (_current, next, event) => {
      (event.target as IDBDatabase).close();
      options.onClosed?.(next === null ? "lost" : "newer");
    },
    // The browser closes it when the data of a site is cleared, and when its own files fail.
    terminated: () => options.onClosed?.("lost"),
  });
}
