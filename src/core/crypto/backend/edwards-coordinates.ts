import { ed25519 } from "@noble/curves/ed25519.js";
import { bigintOf } from "../scalar.ts";
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

/** The same back. */
export function toNoble(kernel: EdwardsKernel, memory: EdwardsMemory, point: KernelPoint): EdwardsPoint {
  const [x, y, z, t] = coordinatesOf(kernel, memory, point).map(bigintOf) as [bigint, bigint, bigint, bigint];
  return new ed25519.Point(x, y, z, t);
}

function writeNumber(out: Uint8Array, at: number, value: bigint): void {
  let rest = value;
  for (let index = 0; index < COORDINATE_SIZE; index++) {
    out[at + index] = Number(rest & 255n);
    rest >>= 8n;
  }
}
