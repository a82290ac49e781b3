/** Bytes in, bytes out, in one buffer: a peer that sends single bytes costs no more than one that sends blocks. */
export class ByteQueue {
  #buffer = new Uint8Array(0);
  #start = 0;
  #end = 0;

  get size(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #reserve(size: number): void {
    if (this.#end + size <= this.#buffer.length) return;
    const needed = this.size + size;
    const target = needed <= this.#buffer.length / 2 ? this.#buffer : new Uint8Array(2 ** Math.ceil(Math.log2(needed)));
    target.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }

  /** A u32, little-endian, at the front; it stays there. There must be four bytes. */
  peekU32(): number {
    return new DataView(this.#buffer.buffer, this.#start, 4).getUint32(0, true);
  }

  /** A copy of the first bytes behind `skip`, removed together with them. */
  take(skip: number, size: number): Uint8Array {
    const from = this.#start + skip;
    const bytes = this.#buffer.slice(from, from + size);
    this.#start = from + size;
    if (this.#start === this.#end) this.clear();
    return bytes;
  }

  clear(): void {
    this.#buffer = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
  }
}
