import type { Scalar } from "../scalar.ts";
import type { PointSeries } from "./curve-backend.ts";
import type { AffineKernel, EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import { flatten, LIST_HEADS, placesOf } from "./edwards-public-sums.ts";
import { LISTS, PLACE_SIZE, SCALAR_SLOT } from "./kernel/edwards-layout.ts";

/** Bytes of a table, at most: about a quarter of the room there is for all. */
const TABLE_SIZE_MAX = 3_500_000;
/** Points whose multiples become affine together. */
const FLATTENED_POINTS = 8;
/** Chunks of 2^chunk bits and widths of digits, from fast to small. Wider ones leave the caches between two proofs. */
const SHAPES = [
  { chunk: 6, width: 4 },
  { chunk: 7, width: 4 },
  { chunk: 8, width: 4 },
  { chunk: 8, width: 3 },
  { chunk: 8, width: 2 },
] as const;
type Shape = (typeof SHAPES)[number];

/** Odd multiples in memory of points, for each chunk of a scalar: sums over them need few doublings. */
export type SeriesTable = Shape & {
  readonly at: number;
  /** Bytes of a multiple. */
  readonly size: number;
  readonly affine: AffineKernel | undefined;
};

const chunksOf = ({ chunk }: Shape): number => LISTS >> chunk;
const entriesOf = ({ width }: Shape): number => 2 ** (width - 2);
const multiplesOf = (shape: Shape): number => chunksOf(shape) * entriesOf(shape);

/** Makes the table; RangeError where there are too many points for any. */
export function writeSeriesTable(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
  affine: AffineKernel | undefined,
): SeriesTable {
  const size = affine === undefined ? memory.pointSize : memory.affineSize;
  const shape = SHAPES.find((each) => points.length * multiplesOf(each) * size <= TABLE_SIZE_MAX);
  if (shape === undefined) throw new RangeError(`no room for a table of ${points.length} points`);
  const multiples = multiplesOf(shape);
  const at = memory.takeTable(points.length * multiples * size);
  for (let next = 0; next < points.length; next += FLATTENED_POINTS) {
    // The last ones with some that there are already: their number is one of whole groups of lanes.
    const start = Math.max(0, Math.min(next, points.length - FLATTENED_POINTS));
    const own = points.slice(start, start + FLATTENED_POINTS);
    const to = at + start * multiples * size;
    try {
      const summands = affine === undefined ? to : memory.take(own.length * multiples * memory.pointSize);
      writeMultiples(kernel, memory, shape, own, summands);
      if (affine !== undefined) flatten(affine, memory, own.length * multiples, summands, to);
    } finally {
      memory.wipe();
    }
  }
  return { ...shape, at, size, affine };
}

function writeMultiples(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  shape: Shape,
  points: readonly KernelPoint[],
  to: number,
): void {
  const [chunks, entries, size] = [chunksOf(shape), entriesOf(shape), memory.pointSize];
  const base = memory.writePoints(points);
  const copy = memory.take(size);
  for (let index = 0; index < points.length; index++) {
    const point = base + index * size;
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (chunk > 0) for (let bit = 0; bit < 2 ** shape.chunk; bit++) kernel.double(point, point);
      // What the multiples are made of is lost.
      memory.bytes.copyWithin(copy, point, point + size);
      kernel.multiples(1, copy, to + (index * chunks + chunk) * entries * size, entries, 1);
    }
  }
}

/** The sums of a series for public scalars: their digits are listed once, and each lane of an affine kernel has a sum. */
export function sumSeries(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  table: SeriesTable,
  scalars: readonly Scalar[],
  { places, step, count }: PointSeries,
): readonly KernelPoint[] {
  const { at, size, width, chunk, affine } = table;
  const pointStep = multiplesOf(table) * size;
  const laneCount = affine === undefined ? 1 : memory.laneCount;
  try {
    const scalarsAt = memory.writeScalars(scalars);
    const lists = memory.take(LIST_HEADS + PLACE_SIZE * scalars.length * placesOf(width));
    // With room for lanes that have no sum any more: they take that of the lane before.
    const points = memory.take((count + laneCount) * memory.pointSize);
    memory.words[lists / 4 + LISTS] = lists + LIST_HEADS;
    if (scalars.length > 0) kernel.shorten(scalars.length, scalarsAt);
    places.forEach((place, index) => {
      kernel.listDigits(1, scalarsAt + index * SCALAR_SLOT, at + place * pointStep, width, size, chunk, lists);
    });
    for (let index = 0; index < count; index += laneCount) {
      const [shift, to] = [index * step * pointStep, points + index * memory.pointSize];
      if (affine === undefined) kernel.sumLists(lists, shift, to);
      else affine.sumAffineSeries(lists, shift, index + 1 < count ? step * pointStep : 0, to);
    }
    return memory.readPoints(points, count);
  } finally {
    memory.wipe();
  }
}
