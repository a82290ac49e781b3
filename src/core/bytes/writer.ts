/** Builds canonical bytes (EN-1). A number that does not fit its width is our own mistake and throws RangeError. */
export class Writer {
  #buffer: Uint8Array;
  /** Made with the first wide number: many a writer takes none, and there are many short writers. */
  #view: DataView | undefined;
  #size = 0;

  /** Where `sizeHint` turns out to be the size, nothing is copied in the end. */
  constructor(sizeHint = 256) {
    this.#buffer = new Uint8Array(sizeHint);
  }

  /** Call it before naming the buffer or the view: it may replace both. */
  #grow(size: number): number {
    const start = this.#size;
    const end = start + size;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, this.#buffer.length * 2));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = undefined;
    }
    this.#size = end;
    return start;
  }

  get #numbers(): DataView {
    return (this.#view ??= new DataView(this.#buffer.buffer));
  }

  u8(value: number): this {
    checkWidth(value, 0xff);
    const start = this.#grow(1);
    this.#buffer[start] = value;
    return this;
  }

  u16(value: number): this {
    checkWidth(value, 0xffff);
    const start = this.#grow(2);
    this.#numbers.setUint16(start, value, true);
    return this;
  }

  u32(value: number): this {
    checkWidth(value, 0xffff_ffff);
    const start = this.#grow(4);
    this.#numbers.setUint32(start, value, true);
    return this;
  }

  u40(value: number): this {
    checkWidth(value, 2 ** 40 - 1);
    const start = this.#grow(5);
    this.#numbers.setUint32(start, value % 2 ** 32, true);
    this.#buffer[start + 4] = Math.floor(value / 2 ** 32);
    return this;
  }

  u64(value: bigint | number): this {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
      const start = this.#grow(8);
      this.#numbers.setUint32(start, value % 2 ** 32, true);
      this.#numbers.setUint32(start + 4, Math.floor(value / 2 ** 32), true);
      return this;
    }
    const wide = BigInt(value);
    if (wide < 0n || wide >= 1n << 64n) throw new RangeError(`not a u64: ${wide}`);
    const start = this.#grow(8);
    this.#numbers.setBigUint64(start, wide, true);
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
