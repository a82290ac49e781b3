import type { RecordChanges, StoredRecord } from "../../../src/core/wallet/stored-record.ts";
import type { ClientStore } from "../../../src/engine/services/client-store.ts";
import { MemoryClientStore } from "../../../src/node/storage/memory-client-store.ts";

/** A device that lives as long as the run: a thousand of them would else wait for one disk. */
export class PhoneStore implements ClientStore {
  readonly #records = new MemoryClientStore();
  #secrets: Uint8Array | undefined;

  secrets(): Uint8Array | undefined {
    return this.#secrets;
  }

  putSecrets(bytes: Uint8Array): Promise<void> {
    this.#secrets = bytes;
    return Promise.resolve();
  }

  record(key: string): Uint8Array | undefined {
    return this.#records.record(key);
  }

  records(): readonly StoredRecord[] {
    return this.#records.records();
  }

  write(changes: RecordChanges): Promise<void> {
    return this.#records.write(changes);
  }

  writeIfRoom(changes: RecordChanges): Promise<boolean> {
    return this.#records.writeIfRoom(changes);
  }

  forgetRecords(kept: readonly string[]): Promise<void> {
    return this.#records.forgetRecords(kept);
  }

  erase(): Promise<void> {
    return this.#records.forgetRecords([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
