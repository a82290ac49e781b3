import type { EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import type { OddTable } from "./edwards-public-sums.ts";
import { writeSeriesTable, type SeriesTable } from "./edwards-series-sums.ts";
import { secretTableSize, writeSecretTable, type SecretTable } from "./edwards-secret-sums.ts";

/** Bytes of one table in a kernel's memory, at most: about a quarter of the room there is for all. */
const TABLE_SIZE_MAX = 3_500_000;
/** Digits of table points: the widest that fit, and those below which buckets do better. */
const WIDTH_MAX = 8;
const WIDTH_MIN = 6;
/** Tables this small hold bases such as G and H: their multiples are kept for all digits, so that none is doubled. */
const BASES_MAX = 4;

interface Placed<Table> {
  readonly table: Table;
  readonly generation: number;
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
    const sizeOf = (width: number): number => this.size * 2 ** (width - 2) * this.#memory.pointSize;
    let width = WIDTH_MAX;
    while (sizeOf(width) > TABLE_SIZE_MAX) width--;
    if (width < WIDTH_MIN || this.size === 0) return undefined;
    const table = { at: this.#memory.takeTable(sizeOf(width)), width };
    try {
      const points = this.#memory.writePoints(this.points);
      this.#kernel.multiples(this.size, points, table.at, 2 ** (width - 2), 1);
    } finally {
      this.#memory.wipe();
    }
    this.#odd = { table, generation: this.#memory.generation };
    return table;
  }

  /** For public scalars that many sums share. */
  series(): SeriesTable {
    if (this.#series?.generation === this.#memory.generation) return this.#series.table;
    const table = writeSeriesTable(this.#kernel, this.#memory, this.points);
    this.#series = { table, generation: this.#memory.generation };
    return table;
  }

  /** For secret scalars; undefined for a table that is too large. */
  secret(): SecretTable | undefined {
    if (this.#secret?.generation === this.#memory.generation) return this.#secret.table;
    const hasWindows = this.size <= BASES_MAX;
    const size = secretTableSize(this.#memory, this.size, hasWindows);
    if (size > TABLE_SIZE_MAX) return undefined;
    const table = { at: this.#memory.takeTable(size), hasWindows };
    try {
      writeSecretTable(this.#kernel, this.#memory, this.points, table);
    } finally {
      this.#memory.wipe();
    }
    this.#secret = { table, generation: this.#memory.generation };
    return table;
  }
}
