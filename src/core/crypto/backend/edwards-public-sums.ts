import { SCALAR_SIZE } from "../scalar.ts";
import { factorCount, sliceScalars } from "../scalar-vector.ts";
import type { PublicScalars } from "./curve-backend.ts";
import type { AffineKernel, EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
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

/** Odd multiples in memory of the points of a table, as affine summands where there is a kernel for them. */
export interface OddTable {
  readonly at: number;
  readonly width: number;
  readonly affine: AffineKernel | undefined;
}

/** Σ sᵢ·Pᵢ for public scalars. Of the points neither branches nor addresses know anything: they may be secret (PR-9). */
export function sumPublic(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
  scalars: PublicScalars,
): KernelPoint {
  if (points.length < BUCKET_POINTS_MIN) return sumByLists(kernel, memory, undefined, [], points, scalars);
  if (points.length <= SUM_POINTS_MAX) return sumByBuckets(kernel, memory, points, scalars);
  const cut = SUM_POINTS_MAX;
  return addPoints(
    kernel,
    memory,
    sumPublic(kernel, memory, points.slice(0, cut), part(scalars, 0, cut)),
    sumPublic(kernel, memory, points.slice(cut), part(scalars, cut)),
  );
}

/** The same, with the first points out of a table. */
export function sumFixed(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  table: OddTable,
  scalars: PublicScalars,
  points: readonly KernelPoint[],
  more: PublicScalars,
): KernelPoint {
  if (points.length < BUCKET_POINTS_MIN) return sumByLists(kernel, memory, table, scalars, points, more);
  const fixed = sumByLists(kernel, memory, table, scalars, [], []);
  return addPoints(kernel, memory, fixed, sumPublic(kernel, memory, points, more));
}

function part(scalars: PublicScalars, start: number, end?: number): PublicScalars {
  return scalars instanceof Uint8Array ? sliceScalars(scalars, start, end) : scalars.slice(start, end);
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
  scalars: PublicScalars,
  points: readonly KernelPoint[],
  more: PublicScalars,
): KernelPoint {
  try {
    const [fixedCount, onceCount] = [factorCount(scalars), points.length];
    const [fixedAt, onceAt] = [memory.writeScalars(scalars), memory.writeScalars(more)];
    if (fixedCount > 0) kernel.shorten(fixedCount, fixedAt);
    if (onceCount > 0) kernel.shorten(onceCount, onceAt);
    const affine = table?.affine;
    // An even number of multiples, whatever the lanes are.
    const width = Math.max(affine === undefined ? 2 : 3, widthOnce(longest(memory, onceAt, onceCount)));
    const fixedPlaces = table === undefined ? 0 : fixedCount * placesOf(table.width);
    const lists = memory.take(LIST_HEADS + PLACE_SIZE * (fixedPlaces + onceCount * placesOf(width)));
    memory.words[lists / 4 + LISTS] = lists + LIST_HEADS;
    const size = affine === undefined ? memory.pointSize : memory.affineSize;
    if (table !== undefined && fixedCount > 0) {
      kernel.listDigits(fixedCount, fixedAt, table.at, table.width, size, WHOLE_CHUNK, lists);
    }
    if (onceCount > 0) {
      const entries = 2 ** (width - 2);
      const pointsAt = memory.writePoints(points);
      const summandsAt = memory.take(points.length * entries * memory.pointSize);
      kernel.multiples(points.length, pointsAt, summandsAt, entries, 1);
      const tableAt = affine === undefined ? summandsAt : flatten(affine, memory, points.length * entries, summandsAt);
      kernel.listDigits(onceCount, onceAt, tableAt, width, size, WHOLE_CHUNK, lists);
    }
    const to = memory.take(memory.laneCount * memory.pointSize);
    if (affine === undefined) kernel.sumLists(lists, 0, to);
    else affine.sumAffineLists(lists, to);
    return memory.readPoint(to);
  } finally {
    memory.wipe();
  }
}

/** Affine summands out of others, of which there must be one for each lane. */
export function flatten(
  kernel: AffineKernel,
  memory: EdwardsMemory,
  count: number,
  summands: number,
  to = memory.take(count * memory.affineSize),
): number {
  // Room for a field element for each group of lanes.
  const products = memory.take((count * memory.pointSize) / 4);
  kernel.flatten(count, summands, products, to);
  return to;
}

/** Bits of the longest of shortened scalars, rounded up to whole bytes. */
function longest(memory: EdwardsMemory, at: number, count: number): number {
  let bytes = 0;
  for (let slot = at; slot < at + count * SCALAR_SLOT; slot += SCALAR_SLOT) {
    let own = SCALAR_SIZE;
    while (own > bytes && memory.bytes[slot + own - 1] === 0) own--;
    bytes = own;
  }
  return 8 * bytes;
}

function sumByBuckets(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
  scalars: PublicScalars,
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
    kernel.offset(points.length, scalarsAt, number);
    const buckets = memory.take(2 ** (width - 1) * memory.pointSize);
    const to = memory.take(memory.pointSize);
    kernel.sumBuckets(points.length, pointsAt, scalarsAt, buckets, width, windows, to);
    return memory.readPoint(to);
  } finally {
    memory.wipe();
  }
}
