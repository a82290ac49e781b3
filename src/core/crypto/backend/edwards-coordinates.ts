import type { EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import type { EdwardsPoint } from "./noble-edwards.ts";

const COORDINATE_SIZE = 32;
const COORDINATES_SIZE = 4 * COORDINATE_SIZE;

/** X, Y, Z and T of a point, 32 bytes each, within 0 … p − 1. */
export function coordinatesOf(kernel: EdwardsKernel, memory: EdwardsMemory, point: KernelPoint): readonly Uint8Array[] {
  try {
    const bytes = memory.take(COORDINATES_SIZE);
    kernel.writeCoordinates(memory.writePoints([point]), bytes);
    return [0, 1, 2, 3].map((index) => memory.bytes.slice(bytes + COORDINATE_SIZE * index, bytes + COORDINATE_SIZE * (index + 1))); // prettier-ignore
  } finally {
    memory.wipe();
  }
}

/** A point of noble's as the kernel has it. */
export function fromNoble(kernel: EdwardsKernel, memory: EdwardsMemory, { X, Y, Z, T }: EdwardsPoint): KernelPoint {
  try {
    const bytes = memory.take(COORDINATES_SIZE);
    const point = memory.take(memory.pointSize);
    [X, Y, Z, T].forEach((value, index) => writeNumber(memory.bytes, bytes + COORDINATE_SIZE * index, value));
    kernel.readCoordinates(bytes, point);
    return memory.readPoint(point);
  } finally {
    memory.wipe();
  }
}

/**
 * The Edwards encoding (RFC 8032 §5.1.2) of a point that may be a secret multiple: its coordinates, which tell of the way to
 * it, are divided out in fixed time (PR-9).
 */
export function encodeEdwards(kernel: EdwardsKernel, memory: EdwardsMemory, point: KernelPoint): Uint8Array {
  try {
    const from = memory.writePoints([point]);
    // Kernels take a whole group of lanes; there is no point but the first.
    memory.take((memory.laneCount - 1) * memory.pointSize);
    const x = memory.take(2 * memory.laneCount * COORDINATE_SIZE);
    const y = x + memory.laneCount * COORDINATE_SIZE;
    kernel.affine(from, x);
    const encoding = memory.bytes.slice(y, y + COORDINATE_SIZE);
    encoding[COORDINATE_SIZE - 1]! |= (memory.bytes[x]! & 1) << 7;
    return encoding;
  } finally {
    memory.wipe();
  }
}

function writeNumber(out: Uint8Array, at: number, value: bigint): void {
  let rest = value;
  for (let index = 0; index < COORDINATE_SIZE; index++) {
    out[at + index] = Number(rest & 255n);
    rest >>= 8n;
  }
}
