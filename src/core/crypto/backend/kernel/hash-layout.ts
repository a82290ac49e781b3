// Where callers and the hashes of a kernel meet in its memory, the same in every build. Places and sizes in bytes.

/** What SHA-512 takes at a time. */
export const HASH_BLOCK_SIZE = 128;
/** Longest message, far beyond what any transcript hashes at once. */
export const HASH_MESSAGE_MAX = 16 * 1024;

/** The 80 constants of SHA-512, which the kernel stores itself. */
export const HASH_CONSTANTS_AT = 0;
/** Messages with their padding, in whole blocks, and after all of them the digests: laid out by the caller. */
export const HASH_MESSAGES_AT = HASH_CONSTANTS_AT + 8 * 80;
export const HASH_END = 64 * 1024;
