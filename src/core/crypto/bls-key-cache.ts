import { formatHex } from "../bytes/hex.ts";

/** Keys held at most: many times the largest validator set, so only strangers' keys ever push one out. */
export const BLS_KEY_CACHE_MAX = 1024;

/** Decoded public keys. Decoding one costs a subgroup check, and validators' keys come back in every vote. */
export class BlsKeyCache<Key> {
  readonly #decode: (bytes: Uint8Array) => Key | undefined;
  readonly #keys = new Map<string, Key>();

  constructor(decode: (bytes: Uint8Array) => Key | undefined) {
    this.#decode = decode;
  }

  /** The key of these bytes; undefined if they are none. Refusals are not kept: strangers can send as many as they like. */
  get(bytes: Uint8Array): Key | undefined {
    const name = formatHex(bytes);
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = this.#decode(bytes);
    if (key === undefined) return undefined;
    if (this.#keys.size >= BLS_KEY_CACHE_MAX) {
      const oldest = this.#keys.keys().next();
      if (!oldest.done) this.#keys.delete(oldest.value);
    }
    this.#keys.set(name, key);
    return key;
  }

  /** All of them, or undefined if one is not a key or there is none. */
  getAll(list: readonly Uint8Array[]): readonly Key[] | undefined {
    const keys: Key[] = [];
    for (const bytes of list) {
      const key = this.get(bytes);
      if (key === undefined) return undefined;
      keys.push(key);
    }
    return keys.length === 0 ? undefined : keys;
  }
}
