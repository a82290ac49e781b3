import type { Scalar } from "../scalar.ts";
import type { PointSeries } from "./curve-backend.ts";
import type { EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import { LIST_HEADS, placesOf } from "./edwards-public-sums.ts";
import { LISTS, PLACE_SIZE, SCALAR_SLOT } from "./kernel/edwards-layout.ts";

/** Bytes of a table, at most: about a quarter of the room there is for all. */
const TABLE_SIZE_MAX = 3_500_000;
/** Chunks of 2^chunk bits and widths of digits, from fast to small. */
const SHAPES = [
  { chunk: 6, width: 5 },
  { chunk: 6, width: 4 },
  { chunk: 7, width: 4 },
  { chunk: 8, width: 4 },
  { chunk: 8, width: 3 },
  { chunk: 8, width: 2 },
] as const;
type Shape = (typeof SHAPES)[number];

/** Odd multiples in memory of points, for each chunk of a scalar: sums over them need few doublings. */
export type SeriesTable = Shape & { readonly at: number };

const chunksOf = ({ chunk }: Shape): number => LISTS >> chunk;
const entriesOf = ({ width }: Shape): number => 2 ** (width - 2);
const stepOf = (shape: Shape, memory: EdwardsMemory): number => chunksOf(shape) * entriesOf(shape) * memory.pointSize;

/** Makes the table; RangeError where there are too many points for any. */
export function writeSeriesTable(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  points: readonly KernelPoint[],
): SeriesTable {
  const shape = SHAPES.find((each) => points.length * stepOf(each, memory) <= TABLE_SIZE_MAX);
  if (shape === undefined) throw new RangeError(`no room for a table of ${points.length} points`);
  const start = memory.takeTable(points.length * stepOf(shape, memory));
  let at = start;
  for (const point of points) {
    try {
      const base = memory.writePoints([point]);
      const copy = memory.take(memory.pointSize);
      for (let chunk = 0; chunk < chunksOf(shape); chunk++) {
        // What the multiples are made of is lost.
        memory.bytes.copyWithin(copy, base, base + memory.pointSize);
        kernel.multiples(1, copy, at, entriesOf(shape), 1);
        if (chunk < chunksOf(shape) - 1) {
          for (let bit = 0; bit < 2 ** shape.chunk; bit++) kernel.double(base, base);
        }
        at += entriesOf(shape) * memory.pointSize;
      }
    } finally {
      memory.wipe();
    }
  }
  return { ...shape, at: start };
}

/** The sums of a series for public scalars: their digits are listed once. */
export function sumSeries(
  kernel: EdwardsKernel,
  memory: EdwardsMemory,
  table: SeriesTable,
  scalars: readonly Scalar[],
  { places, step, count }: PointSeries,
): readonly KernelPoint[] {
  const pointStep = stepOf(table, memory);
  try {
    const scalarsAt = memory.writeScalars(scalars);
    const lists = memory.take(LIST_HEADS + PLACE_SIZE * scalars.length * placesOf(table.width));
    const points = memory.take(count * memory.pointSize);
    memory.words[lists / 4 + LISTS] = lists + LIST_HEADS;
    if (scalars.length > 0) kernel.shorten(scalars.length, scalarsAt);
    places.forEach((place, index) => {
      const at = table.at + place * pointStep;
      kernel.listDigits(1, scalarsAt + index * SCALAR_SLOT, at, table.width, memory.pointSize, table.chunk, lists);
    });
    for (let index = 0; index < count; index++) {
      kernel.sumLists(lists, index * step * pointStep, points + index * memory.pointSize);
    }
    return memory.readPoints(points, count);
  } finally {
    memory.wipe();
  }
}
