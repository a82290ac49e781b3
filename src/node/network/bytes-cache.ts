/** Answers made last, by name, bounded by their bytes. */
export class BytesCache {
  readonly #entries = new Map<string, Uint8Array>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(name: string): Uint8Array | undefined {
    const found = this.#entries.get(name);
    if (found === undefined) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, found);
    return found;
  }

  set(name: string, value: Uint8Array): void {
    this.#delete(name);
    this.#entries.set(name, value);
    this.#bytes += value.length;
    // A Map iterates in insertion order and every use inserts again, so the first name is the one used least recently.
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#delete(oldest);
    }
  }

  #delete(name: string): void {
    const known = this.#entries.get(name);
    if (known === undefined) return;
    this.#entries.delete(name);
    this.#bytes -= known.length;
  }
}
