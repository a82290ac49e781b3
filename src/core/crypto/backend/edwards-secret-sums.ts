import type { Scalar } from "../scalar.ts";
import type { EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import { SCALAR_SLOT, SECRET_MULTIPLES, SECRET_WINDOWS } from "./kernel/edwards-layout.ts";

/** Points of one sum; more are summed in parts. */
const SUM_POINTS_MAX = 256;
const DOUBLINGS = 4;
/** In each of 64 digits of four bits, half their range. */
const HALVES = 0x88;

/** Multiples in memory of the points of a table: of each for one digit, or for all 64. */
export interface SecretTable {
  readonly at: number;
  readonly hasWindows: boolean;
}

/** Bytes of a table. */
export function secretTableSize(memory: EdwardsMemory, size: number, hasWindows: boolean): number {
  return size * (hasWindows ? SECRET_WINDOWS : 1) * SECRET_MULTIPLES * memory.pointSize;
}

export function writeSecretTable(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
  table: SecretTable,
): void {
  const start = memory.writePoints(points);
  if (!table.hasWindows) {
    if (points.length > 0) kernel.multiples(points.length, start, table.at, SECRET_MULTIPLES, 0);
    return;
  }
  let at = table.at;
  for (let point = start; point < start + points.length * memory.pointSize; point += memory.pointSize) {
    for (let window = 0; window < SECRET_WINDOWS; window++) {
      kernel.multiples(1, point, at, SECRET_MULTIPLES, 0);
      // From 8 times the point to 16 times.
      kernel.double(point, point);
      at += SECRET_MULTIPLES * memory.pointSize;
    }
  }
}

/** Σ sᵢ·Pᵢ for secret scalars, in fixed time (PR-9). */
export function sumSecret(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
  scalars: readonly Scalar[],
): KernelPoint {
  let sum: KernelPoint | undefined;
  for (let start = 0; start === 0 || start < points.length; start += SUM_POINTS_MAX) {
    const part = points.slice(start, start + SUM_POINTS_MAX);
    try {
      const table = { at: memory.take(secretTableSize(memory, part.length, false)), hasWindows: false };
      writeSecretTable(kernel, memory, part, table);
      sum = sumOver(kernel, memory, table, scalars.slice(start, start + SUM_POINTS_MAX), sum);
    } finally {
      memory.wipe();
    }
  }
  return sum!;
}

/** The same over the first points of a table; where there is no scalar, everyone may know that the point does not count. */
export function sumSecretTable(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  table: SecretTable,
  scalars: readonly (Scalar | undefined)[],
): KernelPoint {
  try {
    return sumOver(kernel, memory, table, scalars, undefined);
  } finally {
    memory.wipe();
  }
}

function sumOver(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  table: SecretTable,
  scalars: readonly (Scalar | undefined)[],
  more: KernelPoint | undefined,
): KernelPoint {
  const windowStep = table.hasWindows ? SECRET_MULTIPLES * memory.pointSize : 0;
  const pointStep = secretTableSize(memory, 1, table.hasWindows);
  const used: Scalar[] = [];
  const tables = memory.take(4 * scalars.length);
  for (let index = 0; index < scalars.length; index++) {
    const scalar = scalars[index];
    if (scalar === undefined) continue;
    memory.words[tables / 4 + used.length] = table.at + index * pointStep;
    used.push(scalar);
  }
  const scalarsAt = memory.writeScalars(used);
  const halves = memory.take(SCALAR_SLOT);
  memory.bytes.fill(HALVES, halves, halves + 32);
  const to = memory.take(memory.pointSize);
  if (used.length > 0) kernel.offset(used.length, scalarsAt, halves);
  kernel.sumSecret(used.length, scalarsAt, tables, windowStep, table.hasWindows ? 0 : DOUBLINGS, to);
  if (more !== undefined) kernel.sumPoints(to, memory.writePoints([more]));
  return memory.readPoint(to);
}
