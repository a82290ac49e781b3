import { DecodeError } from "./decode-error.ts";

/**
 * Reads canonical bytes from front to back (EN-1): little-endian integers of fixed width, no varints.
 * Every method throws {@link DecodeError} past the end; {@link Reader.end} refuses trailing bytes (EN-3).
 */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
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
    return this.#bytes[this.#take(1)]!;
  }

  u16(): number {
    const start = this.#take(2);
    return this.#bytes[start]! + this.#bytes[start + 1]! * 2 ** 8;
  }

  u32(): number {
    return this.#word(this.#take(4));
  }

  /** A leaf number: 5 bytes, always exact in a double. */
  u40(): number {
    const start = this.#take(5);
    return this.#word(start) + this.#bytes[start + 4]! * 2 ** 32;
  }

  u64(): bigint {
    const start = this.#take(8);
    return BigInt(this.#word(start)) + (BigInt(this.#word(start + 4)) << 32n);
  }

  /** A u64 that must be below 2^53: heights, times and counters (EN-1). */
  u53(): number {
    const start = this.#take(8);
    const high = this.#word(start + 4);
    if (high >= 2 ** 21) throw new DecodeError("integer of 2^53 or more");
    return this.#word(start) + high * 2 ** 32;
  }

  /** The u32 at a place. Many a reader is of few bytes, of which a DataView would cost more than all that is read. */
  #word(start: number): number {
    const bytes = this.#bytes;
    const low = bytes[start]! + bytes[start + 1]! * 2 ** 8 + bytes[start + 2]! * 2 ** 16;
    return low + bytes[start + 3]! * 2 ** 24;
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
