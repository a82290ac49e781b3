import type { CurveBackend } from "./curve-backend.ts";
import { measureMessages } from "./hash-inputs.ts";
import { HASH_BLOCK_SIZE, HASH_END, HASH_MESSAGES_AT } from "./kernel/hash-layout.ts";

/** What a kernel module exports for hashes (`kernel/hash-kernel.ts`). */
export interface HashKernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Hashes `count` padded messages of so many blocks; the last two are addresses. */
  sha512(count: number, blocks: number, messages: number, digests: number): void;
}

const DIGEST_SIZE = 64;
/** The one bit after a message, and its size in bits, 16 bytes (FIPS 180-4 §5.1.2). */
const PADDING_MIN = 17;

/** SHA-512 in a kernel, whose memory is wiped after each pass. */
export function createSha512Batch(kernel: HashKernel): CurveBackend["sha512Batch"] {
  const memory = new Uint8Array(kernel.memory.buffer);
  const view = new DataView(kernel.memory.buffer);

  return (messages, count) => {
    const size = measureMessages(messages, count);
    const blocks = Math.ceil((size + PADDING_MIN) / HASH_BLOCK_SIZE);
    const room = HASH_BLOCK_SIZE * blocks;
    const passMax = Math.floor((HASH_END - HASH_MESSAGES_AT) / (room + DIGEST_SIZE));
    const digests = new Uint8Array(DIGEST_SIZE * count);
    for (let first = 0; first < count; first += passMax) {
      const own = Math.min(passMax, count - first);
      const digestsAt = HASH_MESSAGES_AT + room * own;
      const end = digestsAt + DIGEST_SIZE * own;
      try {
        for (let index = 0; index < own; index++) {
          const [from, to] = [size * (first + index), HASH_MESSAGES_AT + room * index];
          for (let byte = 0; byte < size; byte++) memory[to + byte] = messages[from + byte]!;
          memory[to + size] = 0x80;
          view.setUint32(to + room - 4, 8 * size);
        }
        kernel.sha512(own, blocks, HASH_MESSAGES_AT, digestsAt);
        digests.set(memory.subarray(digestsAt, end), DIGEST_SIZE * first);
      } finally {
        memory.fill(0, 0, end);
      }
    }
    return digests;
  };
}
