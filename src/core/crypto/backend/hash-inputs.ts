import { HASH_MESSAGE_MAX } from "./kernel/hash-layout.ts";

/** Bytes of each message that `sha512Batch` is given; throws RangeError on sizes that do not go together. */
export function measureMessages(messages: Uint8Array, count: number): number {
  const size = count === 0 ? 0 : messages.length / count;
  if (!(Number.isInteger(count) && count >= 0 && Number.isInteger(size) && size * count === messages.length)) {
    throw new RangeError(`${messages.length} bytes are no ${count} messages of one size`);
  }
  if (size > HASH_MESSAGE_MAX) throw new RangeError(`message of ${size} bytes`);
  return size;
}
