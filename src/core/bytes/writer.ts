/** Builds canonical bytes (EN-1). A number that does not fit its width is our own mistake and throws RangeError. */
export class Writer {
  #buffer: Uint8Array;
  #size = 0;

  /** Where `sizeHint` turns out to be the size, nothing is copied in the end. */
  constructor(sizeHint = 256) {
    this.#buffer = new Uint8Array(sizeHint);
  }

  /** Call it before naming the buffer, which it may replace. */
  #grow(size: number): number {
    const start = this.#size;
    const end = start + size;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, this.#buffer.length * 2));
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#size = end;
    return start;
  }

  /** The low bytes of a number that has no fraction, least first: most writers are short, and a view of the buffer costs more. */
  #put(start: number, value: number, size: number): void {
    let rest = value;
    for (let index = start; index < start + size; index++) {
      this.#buffer[index] = rest;
      rest = Math.floor(rest / 256);
    }
  }

  u8(value: number): this {
    checkWidth(value, 0xff);
    const start = this.#grow(1);
    this.#buffer[start] = value;
    return this;
  }

  u16(value: number): this {
    checkWidth(value, 0xffff);
    this.#put(this.#grow(2), value, 2);
    return this;
  }

  u32(value: number): this {
    checkWidth(value, 0xffff_ffff);
    this.#put(this.#grow(4), value, 4);
    return this;
  }

  u40(value: number): this {
    checkWidth(value, 2 ** 40 - 1);
    this.#put(this.#grow(5), value, 5);
    return this;
  }

  u64(value: bigint | number): this {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
      this.#put(this.#grow(8), value, 8);
      return this;
    }
    const wide = BigInt(value);
    if (wide < 0n || wide >= 1n << 64n) throw new RangeError(`not a u64: ${wide}`);
    const start = this.#grow(8);
    this.#put(start, Number(wide & 0xffff_ffffn), 4);
    this.#put(start + 4, Number(wide >> 32n), 4);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    const start = this.#grow(bytes.length);
    this.#buffer.set(bytes, start);
    return this;
  }

  /** Bytes of a field whose width the layout fixes. */
  fixed(bytes: Uint8Array, size: number): this {
    if (bytes.length !== size) throw new RangeError(`field of ${size} bytes given ${bytes.length}`);
    return this.bytes(bytes);
  }

  list<T>(items: readonly T[], item: (writer: Writer, value: T) => void): this {
    for (const value of items) item(this, value);
    return this;
  }

  /** The bytes written so far, as their own array: what is written later changes none of it. */
  finish(): Uint8Array {
    return this.#size === this.#buffer.length ? this.#buffer : this.#buffer.slice(0, this.#size);
  }
}

function checkWidth(value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`not within 0..${max}: ${value}`);
}

/** One number in its wire width, for hash inputs such as `u32 j` (PR-1). */
export const u8 = (value: number): Uint8Array => new Writer(1).u8(value).finish();
export const u16 = (value: number): Uint8Array => new Writer(2).u16(value).finish();
export const u32 = (value: number): Uint8Array => new Writer(4).u32(value).finish();
export const u40 = (value: number): Uint8Array => new Writer(5).u40(value).finish();
export const u64 = (value: bigint | number): Uint8Array => new Writer(8).u64(value).finish();
