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
