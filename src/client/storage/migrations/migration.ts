import { first } from "./0001-first.ts";
import { lock } from "./0002-lock.ts";

/**
 * Brings the database from the version before to its own. It runs inside the upgrade transaction and must not await
 * anything else. Never edited after release: the next shape is the next file.
 */
export type Migration = (database: IDBDatabase, transaction: IDBTransaction) => void;

/** In order; the n-th leads to version n. */
export const MIGRATIONS: readonly Migration[] = [first, lock];
