import type { EdwardsKernel, EdwardsMemory } from "./edwards-memory.ts";

const SIZE = 32;

/**
 * X25519 (RFC 7748) of one secret scalar and one u-coordinate in a kernel, in fixed time (PR-9): 32 bytes each, any others
 * throw RangeError. Small order gives zeros (PR-4). Nothing of it stays in the kernel's memory.
 */
export function climbSecretLadder(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  scalar: Uint8Array,
  uCoordinate: Uint8Array,
): Uint8Array {
  if (scalar.length !== SIZE) throw new RangeError(`scalar of ${scalar.length} bytes`);
  if (uCoordinate.length !== SIZE) throw new RangeError(`u-coordinate of ${uCoordinate.length} bytes`);
  const { bytes, laneCount } = memory;
  try {
    const own = memory.take(SIZE);
    bytes.set(scalar, own);
    bytes[own]! &= 248;
    bytes[own + SIZE - 1]! &= 127;
    bytes[own + SIZE - 1]! |= 64;
    // Only the first lane has work; zeros are in the others.
    const u = memory.take(SIZE * laneCount);
    bytes.set(uCoordinate, u);
    const to = memory.take(SIZE * laneCount);
    kernel.x25519Secret(own, u, to);
    return bytes.slice(to, to + SIZE);
  } finally {
    memory.wipe();
  }
}
