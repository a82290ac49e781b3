import type { CurveBackend } from "./curve-backend.ts";
import { BATCH_TAGS, KEYS_AT, SECRETS_AT, TAGS_AT, TAGS_END } from "./kernel/tags-layout.ts";
import { measureTagInputs } from "./tag-inputs.ts";

/** What a kernel module exports for tags (`kernel/tags-kernel.ts`). */
export interface TagsKernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Hashes the first `count` inputs of its memory, with secrets so many bytes apart. */
  tags(count: number, secretStep: number): void;
}

const TAGS_SIZE = 64;

/** Tags in a kernel, whose memory is wiped after each batch. */
export function createTagsBatch(kernel: TagsKernel): CurveBackend["tagsBatch"] {
  const memory = new Uint8Array(kernel.memory.buffer);

  return (secrets, ephemeralKeys) => {
    const { count, secretStep } = measureTagInputs(secrets, ephemeralKeys);
    const tags = new Uint8Array(TAGS_SIZE * count);
    for (let first = 0; first < count; first += BATCH_TAGS) {
      const end = Math.min(first + BATCH_TAGS, count);
      try {
        memory.set(secretStep === 0 ? secrets : secrets.subarray(secretStep * first, secretStep * end), SECRETS_AT);
        memory.set(ephemeralKeys.subarray(32 * first, 32 * end), KEYS_AT);
        kernel.tags(end - first, secretStep);
        tags.set(memory.subarray(TAGS_AT, TAGS_AT + TAGS_SIZE * (end - first)), TAGS_SIZE * first);
      } finally {
        memory.fill(0, 0, TAGS_END);
      }
    }
    return tags;
  };
}
