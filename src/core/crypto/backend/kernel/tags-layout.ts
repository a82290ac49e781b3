// Where callers and the tags of a kernel meet in its memory, the same in every build. Places and sizes in bytes.

/** Hashes of one call. */
export const BATCH_TAGS = 256;

/** 32 bytes each, or one that serves all. */
export const SECRETS_AT = 0;
/** D, 32 bytes each. */
export const KEYS_AT = SECRETS_AT + 32 * BATCH_TAGS;
/** T, 64 bytes each. */
export const TAGS_AT = KEYS_AT + 32 * BATCH_TAGS;
/** The 80 constants of SHA-512, which the kernel stores itself. */
export const CONSTANTS_AT = TAGS_AT + 64 * BATCH_TAGS;
export const TAGS_END = CONSTANTS_AT + 8 * 80;
