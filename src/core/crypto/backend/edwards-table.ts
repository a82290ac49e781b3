import type { AffineKernel, EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import { flatten, type OddTable } from "./edwards-public-sums.ts";
import { writeSeriesTable, type SeriesTable } from "./edwards-series-sums.ts";
import { secretTableSize, writeSecretTable, type SecretTable } from "./edwards-secret-sums.ts";

/** Bytes of one table in a kernel's memory, at most: a third of the room there is for all. */
const TABLE_SIZE_MAX = 4_500_000;
/** Digits of table points: the widest that fit, of a few points and of many, and those below which buckets do better. */
const WIDTH_MAX = 9;
const AFFINE_WIDTH_MAX = 10;
const WIDTH_MIN = 6;
/** Short tables are used now and then: what has left the caches by then costs more than wide digits save. */
const SHORT_WIDTH_MAX = 7;
/** From here on summands are affine: what their sum of its own costs is less than what they save. */
const AFFINE_POINTS_MIN = 32;
/** Points whose multiples become affine together. */
const FLATTENED_POINTS = 8;
/** Tables this small hold bases such as G and H: their multiples are kept for all digits, so that none is doubled. */
const BASES_MAX = 4;

interface Placed<Table> {
  readonly table: Table;
  readonly generation: number;
  /** Of a table that others take over. */
  readonly turn?: number | undefined;
}

/** Points with their multiples in a kernel's memory: made when they are first needed, and again where they were lost. */
export class EdwardsTable {
  readonly size: number;
  readonly points: readonly KernelPoint[];
  readonly #kernel: EdwardsKernel;
  readonly #memory: EdwardsMemory;
  #odd: Placed<OddTable> | undefined;
  #secret: Placed<SecretTable> | undefined;
  #series: Placed<SeriesTable> | undefined;

  constructor(kernel: EdwardsKernel, memory: EdwardsMemory, points: readonly KernelPoint[]) {
    this.size = points.length;
    this.points = [...points];
    this.#kernel = kernel;
    this.#memory = memory;
  }

  /** For public scalars; undefined for a table that is too large. */
  odd(): OddTable | undefined {
    if (this.#odd?.generation === this.#memory.generation) return this.#odd.table;
    const isShort = this.size < AFFINE_POINTS_MIN;
    const affine = isShort ? undefined : affineOf(this.#kernel);
    const entrySize = affine === undefined ? this.#memory.pointSize : this.#memory.affineSize;
    const sizeOf = (width: number): number => this.size * 2 ** (width - 2) * entrySize;
    let width = isShort ? SHORT_WIDTH_MAX : affine === undefined ? WIDTH_MAX : AFFINE_WIDTH_MAX;
    while (sizeOf(width) > TABLE_SIZE_MAX) width--;
    if (width < WIDTH_MIN || this.size === 0) return undefined;
    const table = { at: this.#memory.takeTable(sizeOf(width)), width, affine };
    const step = affine === undefined ? this.size : FLATTENED_POINTS;
    for (let start = 0; start < this.size; start += step) {
      this.#writeOdd(table, start, start + step);
    }
    this.#odd = { table, generation: this.#memory.generation };
    return table;
  }

  /** For public scalars that many sums share. */
  series(): SeriesTable {
    if (this.#series?.generation === this.#memory.generation) return this.#series.table;
    const table = writeSeriesTable(this.#kernel, this.#memory, this.points, affineOf(this.#kernel));
    this.#series = { table, generation: this.#memory.generation };
    return table;
  }

  #writeOdd({ at, width, affine }: OddTable, start: number, end: number): void {
    const [kernel, memory, entries] = [this.#kernel, this.#memory, 2 ** (width - 2)];
    try {
      const own = this.points.slice(start, end);
      const points = memory.writePoints(own);
      if (affine === undefined) {
        kernel.multiples(own.length, points, at, entries, 1);
        return;
      }
      const summands = memory.take(own.length * entries * memory.pointSize);
      kernel.multiples(own.length, points, summands, entries, 1);
      flatten(affine, memory, own.length * entries, summands, at + start * entries * memory.affineSize);
    } finally {
      memory.wipe();
    }
  }

  /** For secret scalars; undefined for a table that is too large. */
  secret(): SecretTable | undefined {
    const known = this.#secret;
    if (known?.generation === this.#memory.generation && [undefined, this.#memory.turn].includes(known.turn)) {
      return known.table;
    }
    const hasWindows = this.size <= BASES_MAX;
    const size = secretTableSize(this.#memory, this.size, hasWindows);
    if (size > TABLE_SIZE_MAX) return undefined;
    // Without windows it is as soon made as used: generators that are folded anew for each proof.
    const at = hasWindows ? this.#memory.takeTable(size) : this.#memory.takePassingTable(size);
    const table = { at, hasWindows };
    try {
      writeSecretTable(this.#kernel, this.#memory, this.points, table);
    } finally {
      this.#memory.wipe();
    }
    this.#secret = { table, generation: this.#memory.generation, turn: hasWindows ? undefined : this.#memory.turn };
    return table;
  }
}

/** Undefined for a kernel of one lane. */
function affineOf(kernel: EdwardsKernel): AffineKernel | undefined {
  return kernel.sumAffineLists === undefined ? undefined : (kernel as AffineKernel);
}
