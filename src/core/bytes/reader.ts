import { DecodeError } from "./decode-error.ts";

const SAFE_INTEGER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Reads canonical bytes from front to back (EN-1): little-endian integers of fixed width, no varints.
 * Every method throws {@link DecodeError} past the end; {@link Reader.end} refuses trailing bytes (EN-3).
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  #take(size: number): number {
    const start = this.#offset;
    if (size > this.#bytes.length - start) throw new DecodeError(`needs ${size} bytes, has ${this.remaining}`);
    this.#offset = start + size;
    return start;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A leaf number: 5 bytes, always exact in a double. */
  u40(): number {
    const start = this.#take(5);
    return this.#view.getUint32(start, true) + this.#view.getUint8(start + 4) * 2 ** 32;
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A u64 that must be below 2^53: heights, times and counters (EN-1). */
  u53(): number {
    const value = this.u64();
    if (value > SAFE_INTEGER_MAX) throw new DecodeError("integer of 2^53 or more");
    return Number(value);
  }

  /** A copy of the next `size` bytes; the source buffer is not kept alive. */
  bytes(size: number): Uint8Array {
    const start = this.#take(size);
    return this.#bytes.slice(start, start + size);
  }

  /** A count followed by its items; the limit is checked before anything is allocated (EN-3). */
  list<T>(count: number, countMax: number, item: (reader: Reader) => T): T[] {
    if (count > countMax) throw new DecodeError(`${count} items, at most ${countMax}`);
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item(this));
    return items;
  }

  /** Refuses trailing bytes. Every decoder of a whole message ends with it. */
  end(): void {
    if (this.remaining !== 0) throw new DecodeError(`${this.remaining} trailing bytes`);
  }
}

/** Decodes exactly one value and nothing behind it. */
export function decodeWhole<T>(bytes: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}
