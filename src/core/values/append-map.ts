/** What versions made of one another share; each knows how many of the entries are its own. */
type Shared<K, V> = Map<K, { readonly value: V; readonly position: number }>;

/**
 * An immutable map to which entries are added one by one: the version that an addition gives shares all that is there, so
 * it costs as much as in a `Map`. Everything else copies. Entries are listed in the order in which they were added.
 */
export class AppendMap<K, V> {
  readonly #shared: Shared<K, V>;
  readonly size: number;

  private constructor(shared: Shared<K, V>, size: number) {
    this.#shared = shared;
    this.size = size;
  }

  static of<K, V>(entries: Iterable<readonly [K, V]> = []): AppendMap<K, V> {
    const shared: Shared<K, V> = new Map();
    for (const [key, value] of new Map(entries)) shared.set(key, { value, position: shared.size });
    return new AppendMap(shared, shared.size);
  }

  get(key: K): V | undefined {
    return this.#find(key)?.value;
  }

  has(key: K): boolean {
    return this.#find(key) !== undefined;
  }

  /** With one entry more; a key that is there keeps its place and gets the value. */
  with(key: K, value: V): AppendMap<K, V> {
    // Another version may have been made of this one before, and have the next place.
    if (this.#shared.size !== this.size || this.has(key)) return AppendMap.of([...this, [key, value]]);
    this.#shared.set(key, { value, position: this.size });
    return new AppendMap(this.#shared, this.size + 1);
  }

  /** Without these keys, whether they are there or not. */
  without(keys: Iterable<K>): AppendMap<K, V> {
    const left = new Map(this);
    for (const key of keys) left.delete(key);
    return AppendMap.of(left);
  }

  *[Symbol.iterator](): Generator<[K, V]> {
    for (const [key, { value, position }] of this.#shared) {
      if (position >= this.size) return;
      yield [key, value];
    }
  }

  *keys(): Generator<K> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<V> {
    for (const [, value] of this) yield value;
  }

  #find(key: K): { readonly value: V } | undefined {
    const found = this.#shared.get(key);
    return found !== undefined && found.position < this.size ? found : undefined;
  }
}
