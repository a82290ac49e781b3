import { DecodeError, tryDecode } from "../../core/bytes/decode-error.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import type { DataUsed, KeptDataUsed } from "../../api/views.ts";
import { timeMs } from "../../core/values/height.ts";
import type { ClientStore } from "./client-store.ts";
import type { Timers } from "./network-edges.ts";

export const DATA_USED_KEY = "data-used";
const VERSION = 1;
/** What a lost tab may leave uncounted, in bytes and as a share: a figure for people is not worth a write for each frame. */
const UNKEPT_BYTES_MAX = 32 * 1024;
const UNKEPT_SHARE_MAX = 1 / 16;

const NOTHING: DataUsed = { bytesReceived: 0, bytesSent: 0 };

export function encodeDataUsed({ bytesReceived, bytesSent, sinceMs }: KeptDataUsed): Uint8Array {
  return new Writer(25).u8(VERSION).u64(bytesReceived).u64(bytesSent).u64(sinceMs).finish();
}

export function decodeDataUsed(bytes: Uint8Array): KeptDataUsed {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`record version ${version}`);
    return { bytesReceived: reader.u53(), bytesSent: reader.u53(), sinceMs: timeMs(reader.u53()) };
  });
}

/** How much a light client has received and sent: since it was started, and on this device in all. */
export class DataUsedCounter {
  readonly #store: ClientStore;
  readonly #timers: Timers;
  #session = NOTHING;
  /** Of the sessions before this one. */
  #before: KeptDataUsed;
  #keptBytes = 0;

  constructor(store: ClientStore, timers: Timers) {
    this.#store = store;
    this.#timers = timers;
    this.#before = this.#kept();
  }

  get session(): DataUsed {
    return this.#session;
  }

  get total(): KeptDataUsed {
    return { ...add(this.#before, this.#session), sinceMs: this.#before.sinceMs };
  }

  received(size: number): void {
    this.#count({ bytesReceived: size, bytesSent: 0 });
  }

  sent(size: number): void {
    this.#count({ bytesReceived: 0, bytesSent: size });
  }

  /** Stores the total; a store that refuses it costs a figure and no more. */
  async keep(): Promise<void> {
    const { total } = this;
    const size = this.#session.bytesReceived + this.#session.bytesSent;
    if (size === this.#keptBytes) return;
    this.#keptBytes = size;
    await this.#store
      .write({ puts: [{ key: DATA_USED_KEY, bytes: encodeDataUsed(total) }], deletes: [] })
      .catch(() => undefined);
  }

  /** After an erase nothing of before is known. */
  forget(): void {
    this.#session = NOTHING;
    this.#keptBytes = 0;
    this.#before = this.#kept();
  }

  #count(used: DataUsed): void {
    this.#session = add(this.#session, used);
    const size = this.#session.bytesReceived + this.#session.bytesSent;
    if (size - this.#keptBytes >= Math.max(UNKEPT_BYTES_MAX, size * UNKEPT_SHARE_MAX)) void this.keep();
  }

  #kept(): KeptDataUsed {
    const bytes = this.#store.record(DATA_USED_KEY);
    const decoded = bytes && tryDecode(decodeDataUsed, bytes);
    return decoded?.ok === true ? decoded.value : { ...NOTHING, sinceMs: timeMs(this.#timers.now()) };
  }
}

function add(left: DataUsed, right: DataUsed): DataUsed {
  return {
    bytesReceived: left.bytesReceived + right.bytesReceived,
    bytesSent: left.bytesSent + right.bytesSent,
  };
}
