import type { Scalar } from "../scalar.ts";
import type { EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import { LISTS, PLACE_SIZE, SCALAR_SLOT, WHOLE_CHUNK } from "./kernel/edwards-layout.ts";

/** Points of one sum by buckets; more are summed in parts. */
const SUM_POINTS_MAX = 2_304;
/** From here on buckets beat a table for each point. */
const BUCKET_POINTS_MIN = 350;
/** Bytes before the places of lists. */
export const LIST_HEADS = 4 * (LISTS + 2);

/** Digits below 2^(width − 1) of scalars whose points are used once, by the bits of the longest scalar. */
const widthOnce = (bits: number): number => (bits <= 8 ? 2 : bits <= 32 ? 3 : bits <= 144 ? 4 : 5);
/** Places for the digits of one scalar, at most. */
export const placesOf = (width: number): number => Math.ceil(256 / width) + 1;

/** Odd multiples in memory of the points of a table. */
export interface OddTable {
  readonly at: number;
  readonly width: number;
}

/** Σ sᵢ·Pᵢ for public scalars. Of the points neither branches nor addresses know anything: they may be secret (PR-9). */
export function sumPublic(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
  scalars: readonly Scalar[],
): KernelPoint {
  if (points.length < BUCKET_POINTS_MIN) return sumByLists(kernel, memory, undefined, [], points, scalars);
  if (points.length <= SUM_POINTS_MAX) return sumByBuckets(kernel, memory, points, scalars);
  const cut = SUM_POINTS_MAX;
  return addPoints(
    kernel,
    memory,
    sumPublic(kernel, memory, points.slice(0, cut), scalars.slice(0, cut)),
    sumPublic(kernel, memory, points.slice(cut), scalars.slice(cut)),
  );
}

/** The same, with the first points out of a table. */
export function sumFixed(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  table: OddTable,
  scalars: readonly Scalar[],
  points: readonly KernelPoint[],
  more: readonly Scalar[],
): KernelPoint {
  if (points.length < BUCKET_POINTS_MIN) return sumByLists(kernel, memory, table, scalars, points, more);
  const fixed = sumByLists(kernel, memory, table, scalars, [], []);
  return addPoints(kernel, memory, fixed, sumPublic(kernel, memory, points, more));
}

function addPoints(kernel: EdwardsKernel, memory: EdwardsMemory, left: KernelPoint, right: KernelPoint): KernelPoint {
  try {
    const [at, other] = [memory.writePoints([left]), memory.writePoints([right])];
    kernel.sumPoints(at, other);
    return memory.readPoint(at);
  } finally {
    memory.wipe();
  }
}

function sumByLists(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  table: OddTable | undefined,
  scalars: readonly Scalar[],
  points: readonly KernelPoint[],
  more: readonly Scalar[],
): KernelPoint {
  try {
    const [fixedAt, onceAt] = [memory.writeScalars(scalars), memory.writeScalars(more)];
    if (scalars.length > 0) kernel.shorten(scalars.length, fixedAt);
    if (more.length > 0) kernel.shorten(more.length, onceAt);
    const width = widthOnce(longest(memory, onceAt, more.length));
    const fixedPlaces = table === undefined ? 0 : scalars.length * placesOf(table.width);
    const lists = memory.take(LIST_HEADS + PLACE_SIZE * (fixedPlaces + more.length * placesOf(width)));
    memory.words[lists / 4 + LISTS] = lists + LIST_HEADS;
    if (table !== undefined && scalars.length > 0) {
      kernel.listDigits(scalars.length, fixedAt, table.at, table.width, WHOLE_CHUNK, lists);
    }
    if (more.length > 0) {
      const entries = 2 ** (width - 2);
      const pointsAt = memory.writePoints(points);
      const tableAt = memory.take(points.length * entries * memory.pointSize);
      kernel.multiples(points.length, pointsAt, tableAt, entries, 1);
      kernel.listDigits(more.length, onceAt, tableAt, width, WHOLE_CHUNK, lists);
    }
    const to = memory.take(memory.pointSize);
    kernel.sumLists(lists, 0, to);
    return memory.readPoint(to);
  } finally {
    memory.wipe();
  }
}

/** Bits of the longest of shortened scalars, rounded up to whole bytes. */
function longest(memory: EdwardsMemory, at: number, count: number): number {
  let bytes = 0;
  for (let slot = at; slot < at + count * SCALAR_SLOT; slot += SCALAR_SLOT) {
    while (bytes < 32 && memory.bytes.subarray(slot + bytes, slot + 32).some((byte) => byte !== 0)) bytes++;
  }
  return 8 * bytes;
}

function sumByBuckets(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
  scalars: readonly Scalar[],
): KernelPoint {
  const width = Math.max(4, Math.round(Math.log2(points.length)) - 3);
  const windows = Math.ceil(254 / width);
  try {
    const pointsAt = memory.writePoints(points);
    const scalarsAt = memory.writeScalars(scalars);
    const number = memory.take(SCALAR_SLOT);
    for (let window = 0; window < windows; window++) {
      const bit = width * (window + 1) - 1;
      memory.bytes[number + (bit >> 3)]! |= 1 << (bit & 7);
    }
    kernel.offset(scalars.length, scalarsAt, number);
    const buckets = memory.take(2 ** (width - 1) * memory.pointSize);
    const to = memory.take(memory.pointSize);
    kernel.sumBuckets(points.length, pointsAt, scalarsAt, buckets, width, windows, to);
    return memory.readPoint(to);
  } finally {
    memory.wipe();
  }
}
