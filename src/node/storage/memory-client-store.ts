import type { RecordChanges, StoredRecord } from "../../core/wallet/stored-record.ts";
import type { ClientStore } from "../../engine/services/client-store.ts";

/** A store that forgets: for a client without a wallet, which looks something up and ends. */
export class MemoryClientStore implements ClientStore {
  readonly #records = new Map<string, Uint8Array>();

  secrets(): undefined {
    return undefined;
  }

  /** Keys belong on a disk: what is paid to those of this store would be lost. */
  putSecrets(): Promise<void> {
    return Promise.reject(new Error("this store keeps no wallet"));
  }

  record(key: string): Uint8Array | undefined {
    return this.#records.get(key);
  }

  records(): readonly StoredRecord[] {
    return [...this.#records].map(([key, bytes]) => ({ key, bytes }));
  }

  write({ puts, deletes }: RecordChanges): Promise<void> {
    for (const key of deletes) this.#records.delete(key);
    for (const { key, bytes } of puts) this.#records.set(key, bytes);
    return Promise.resolve();
  }

  async writeIfRoom(changes: RecordChanges): Promise<boolean> {
    await this.write(changes);
    return true;
  }

  forgetRecords(kept: readonly string[]): Promise<void> {
    for (const key of this.#records.keys()) if (!kept.includes(key)) this.#records.delete(key);
    return Promise.resolve();
  }

  erase(): Promise<void> {
    return this.forgetRecords([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
