/** The builds of the kernel, the fastest first: with relaxed SIMD, with SIMD, and with neither. */
export const KERNEL_NAMES = ["fma", "simd", "scalar"] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

// Where callers and kernels meet in a kernel's memory, the same in every build. Places and sizes in bytes.

/** Points of one call; they share one inversion. */
export const BATCH_POINTS = 256;

/** Bits 0 to 254 of the clamped scalar, one byte each. */
export const SCALAR_AT = 0;
export const SCALAR_BITS = 255;
/** u-coordinates, 32 bytes each. */
export const INPUT_AT = 256;
/** u-coordinates of the products, 32 bytes each. */
export const OUTPUT_AT = INPUT_AT + 32 * BATCH_POINTS;
/** From here on a kernel keeps what it works with. */
export const WORK_AT = OUTPUT_AT + 32 * BATCH_POINTS;
/** Beyond this no build goes. */
export const KEY_AGREEMENT_END = 128 * 1024;

/** Memory for arithmetic modulo ℓ: its caller says where in it the numbers lie. */
export const ORDER_MEMORY_SIZE = 512 * 1024;
