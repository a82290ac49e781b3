/** The inputs of a batch of tags: how many, and how they lie. */
export interface TagInputs {
  readonly count: number;
  /** Bytes from one secret to the next: 0 where one serves all. */
  readonly secretStep: 0 | 32;
}

const SIZE = 32;

/** Measures what `tagsBatch` is given; throws RangeError on sizes that do not go together. */
export function measureTagInputs(secrets: Uint8Array, ephemeralKeys: Uint8Array): TagInputs {
  const count = ephemeralKeys.length / SIZE;
  if (!Number.isInteger(count)) throw new RangeError(`${ephemeralKeys.length} bytes are no list of keys`);
  if (secrets.length === SIZE) return { count, secretStep: 0 };
  if (secrets.length !== ephemeralKeys.length) throw new RangeError(`${secrets.length} bytes of secrets for ${count}`);
  return { count, secretStep: SIZE };
}
