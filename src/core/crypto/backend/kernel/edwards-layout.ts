// Where sums of points and their callers meet in a kernel's memory, the same in every build. Places and sizes in bytes.

/** Registers of the kernel's own. */
export const REGISTERS_AT = 0;
/** From here on to the tables callers lay out what they want. */
export const SCRATCH_AT = 8 * 1024;
/** Tables that stay between calls, laid out by the caller. What is never touched takes no memory. */
export const TABLES_AT = 3 * 1024 * 1024;
export const EDWARDS_END = 16 * 1024 * 1024;

/** A scalar in memory: 32 bytes of it, and zeros that let any 8 bytes from within be read at once. */
export const SCALAR_SLOT = 40;
/**
 * Lists of digits, one for each bit of a scalar, 4 bytes each: where its first place is, or 0. After them, where the next
 * place is to be made.
 */
export const LISTS = 256;
/** Of a list: its next place or 0, and the address of a summand, with 1 in the lowest bit if it is to be subtracted. */
export const PLACE_SIZE = 8;
/** Multiples of a point for signed digits of four bits: 1 to 8 times. */
export const SECRET_MULTIPLES = 8;
export const SECRET_WINDOWS = 64;
/** Signs of one byte, of which all but one choose among the SECRET_MULTIPLES entries of a table. */
export const SIGN_GROUP = 4;
/** Of a run of signs: where they are, where the tables are, and how many bytes of signs. */
export const SIGN_RUN_SIZE = 12;
/** A scalar as one chunk: all of its digits have lists of their own. */
export const WHOLE_CHUNK = 8;
