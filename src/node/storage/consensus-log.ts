import type { ClassicLevel } from "classic-level";
import type { ConsensusLogEntry } from "../../core/ports/full-node-store.ts";
import type { Height } from "../../core/values/height.ts";
import { logKey } from "./key-spaces.ts";
import { plainBytes } from "./plain-bytes.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** What a node writes down before each of its signatures, height by height. Appends must go one after another. */
export class ConsensusLog {
  readonly #database: Database;
  /** Next free place in the log of one height. */
  #last: { readonly height: Height; next: number } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stored, synced to the disk, when the promise is kept. */
  async append(height: Height, entries: readonly ConsensusLogEntry[]): Promise<void> {
    const last = await this.#lastOf(height);
    const operations = entries.map((value, index) => ({
      type: "put" as const,
      key: logKey(height, last.next + index),
      value,
    }));
    await this.#database.batch(operations, { sync: true });
    last.next += entries.length;
  }

  /** As they were appended. */
  async entries(height: Height): Promise<readonly ConsensusLogEntry[]> {
    return (await this.#database.values(rangeOf(height)).all()).map(plainBytes);
  }

  /** Keys of the entries of heights up to this one. */
  keysUpTo(height: Height): Promise<Uint8Array[]> {
    return this.#database.keys({ ...rangeOf(height), gte: logKey(0, 0) }).all();
  }

  async #lastOf(height: Height): Promise<{ next: number }> {
    if (this.#last?.height === height) return this.#last;
    const key = (await this.#database.keys({ ...rangeOf(height), reverse: true, limit: 1 }).all())[0];
    const next = key === undefined ? 0 : new DataView(key.buffer, key.byteOffset).getUint32(9) + 1;
    this.#last = { height, next };
    return this.#last;
  }
}

function rangeOf(height: Height): { readonly gte: Uint8Array; readonly lte: Uint8Array } {
  return { gte: logKey(height, 0), lte: logKey(height, 2 ** 32 - 1) };
}
