import type { OpenCode } from "../../api/client-api.ts";
import type { RecordChanges, StoredRecord } from "../../core/wallet/stored-record.ts";

/** What a light client keeps on its device. Every write is whole or not at all, and durable when it resolves. */
export interface ClientStore {
  /** The wallet's secrets, as they were put. */
  secrets(): Uint8Array | undefined;
  /** Stores the secrets and reads them back before it resolves. */
  putSecrets(bytes: Uint8Array): Promise<void>;
  record(key: string): Uint8Array | undefined;
  /** All records, in no particular order. */
  records(): readonly StoredRecord[];
  /** Stores all changes of one step in one transaction. */
  write(changes: RecordChanges): Promise<void>;
  /**
   * The same for what the wallet can go on without: false where the device has no room for it, with everything as it was.
   * Other faults reject, as those of `write` do.
   */
  writeIfRoom(changes: RecordChanges): Promise<boolean>;
  /**
   * Drops all records but those under these keys, in one transaction, and keeps the secrets: how a wallet goes on where
   * its chain is gone.
   */
  forgetRecords(kept: readonly string[]): Promise<void>;
  /** Deletes everything, the key of this device included, and goes on empty. */
  erase(): Promise<void>;
  /** Finishes what is being written and lets go of the database. */
  close(): Promise<void>;
}

/**
 * What went wrong in a store: `stale` means that another engine has it, a newer one that took it over or an older one
 * that does not let go.
 */
export type StoreFault = Exclude<OpenCode, "open_elsewhere"> | "storage_failed" | "stale";
