import { DecodeError } from "../bytes/decode-error.ts";
import { MEDIA_PARTS_MAX } from "../params/media-limits.ts";

/** Names inside files have four signs; of what is longer none is looked at. */
const TEXT_SIZE_MAX = 32;

/** Reads a foreign file format from front to back, in either order of bytes. Throws DecodeError past the end. */
export class ByteScan {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Of the whole file, whichever level they stand on. */
  readonly #parts: { count: number };
  #offset = 0;

  constructor(bytes: Uint8Array, parts = { count: 0 }) {
    this.#bytes = bytes;
    this.#parts = parts;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Where the next byte stands in the file, if the scan of the whole began at the front of its buffer. */
  get place(): number {
    return this.#bytes.byteOffset + this.#offset;
  }

  #take(size: number): number {
    const start = this.#offset;
    if (size < 0 || size > this.remaining) throw new DecodeError(`needs ${size} bytes, has ${this.remaining}`);
    this.#offset += size;
    return start;
  }

  /** Counts a part of the file; over MEDIA_PARTS_MAX it is no file for us. */
  part(): void {
    if (++this.#parts.count > MEDIA_PARTS_MAX) throw new DecodeError("too many parts");
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16be(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32be(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u16le(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u24le(): number {
    const start = this.#take(3);
    return this.#view.getUint16(start, true) + this.#view.getUint8(start + 2) * 65_536;
  }

  u32le(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Big-endian, of so many bytes; from 2^53 on it is refused. */
  uint(size: number): number {
    let value = 0;
    for (let left = size; left > 0; left--) value = value * 256 + this.u8();
    if (!Number.isSafeInteger(value)) throw new DecodeError("number of 2^53 or more");
    return value;
  }

  /** IEEE 754, big-endian, of four or eight bytes. */
  float(size: number): number {
    if (size === 4) return this.#view.getFloat32(this.#take(4));
    if (size === 8) return this.#view.getFloat64(this.#take(8));
    throw new DecodeError(`float of ${size} bytes`);
  }

  /** Latin 1, up to 32 bytes. */
  text(size: number): string {
    if (size > TEXT_SIZE_MAX) throw new DecodeError(`text of ${size} bytes`);
    const start = this.#take(size);
    return String.fromCharCode(...this.#bytes.subarray(start, start + size));
  }

  skip(size: number): void {
    this.#take(size);
  }

  /** The byte so many behind the next one, which stays; undefined past the end. */
  peek(offset: number): number | undefined {
    return this.#bytes[this.#offset + offset];
  }

  /** Goes to just before the next such byte; to the end where there is none. */
  skipTo(byte: number): void {
    const found = this.#bytes.indexOf(byte, this.#offset);
    this.#offset = found < 0 ? this.#bytes.length : found;
  }

  /** The next so many bytes as a scan of their own. */
  within(size: number): ByteScan {
    const start = this.#take(size);
    return new ByteScan(this.#bytes.subarray(start, start + size), this.#parts);
  }

  /** Nothing may follow: a file that is two files is neither. */
  end(): void {
    if (this.remaining !== 0) throw new DecodeError(`${this.remaining} trailing bytes`);
  }
}
