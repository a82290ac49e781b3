import type { DBSchema } from "idb";
import type { PinAttempts } from "./pin-attempts.ts";

/** One packed row: many records of one kind, sealed under the key of this device. */
export interface SealedRow {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

/** What the single rows of `meta` hold, by their key. */
export interface MetaRows {
  /** Counts the engines that have opened this database; only the newest may write. */
  readonly generation: number;
  /** Of this device. AES-GCM, non-extractable: the browser keeps its bytes and never gives them out. */
  readonly key: CryptoKey;
  /** The wallet's secrets, sealed. */
  readonly secrets: SealedRow;
  /** The slots of a locked wallet, sealed under `key`; without it everything is sealed under `key` itself. */
  readonly lock: SealedRow;
  readonly attempts: PinAttempts;
}

/** The database of this version. Migrations do not use it: they describe the shapes of their own time. */
export interface ClientSchema extends DBSchema {
  meta: { key: keyof MetaRows; value: MetaRows[keyof MetaRows] };
  /** By [kind, row]. */
  records: { key: [string, number]; value: SealedRow };
}
