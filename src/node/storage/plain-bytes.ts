/** The database's driver gives Buffers, whose `slice` does not copy as that of every other Uint8Array does. */
export const plainBytes = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
