/** One record of the client's store. A store keeps them as they are: bytes under a short text. */
export interface StoredRecord {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What changed between two states, as records. */
export interface RecordChanges {
  readonly puts: readonly StoredRecord[];
  readonly deletes: readonly string[];
}

/** Several changes as one: for each key what the last of them says. */
export function mergeChanges(all: readonly RecordChanges[]): RecordChanges {
  if (all.length === 1) return all[0]!;
  const last = new Map<string, Uint8Array | undefined>();
  for (const { puts, deletes } of all) {
    for (const key of deletes) last.set(key, undefined);
    for (const { key, bytes } of puts) last.set(key, bytes);
  }
  const puts = [...last].flatMap(([key, bytes]) => (bytes === undefined ? [] : [{ key, bytes }]));
  return { puts, deletes: [...last.keys()].filter((key) => last.get(key) === undefined) };
}
