import { EDWARDS_END, SCALAR_SLOT, SCRATCH_AT, TABLES_AT } from "./kernel/edwards-layout.ts";
import { SCALAR_SIZE, type Scalar } from "../scalar.ts";

/** What a kernel module exports for points (`kernel/edwards-kernel.ts`). Operands are addresses and counts. */
export interface EdwardsKernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  sizes(to: number): void;
  decode(count: number, bytes: number, points: number, valid: number): void;
  encode(count: number, points: number, bytes: number): void;
  map(count: number, bytes: number, points: number): void;
  writeCoordinates(point: number, bytes: number): void;
  readCoordinates(bytes: number, point: number): void;
  affine(points: number, bytes: number): void;
  x25519Secret(scalar: number, uCoordinate: number, to: number): void;
  double(point: number, to: number): void;
  sumPoints(point: number, other: number): void;
  multiples(count: number, points: number, table: number, entries: number, isOdd: 0 | 1): void;
  shorten(count: number, scalars: number): void;
  listDigits(count: number, scalars: number, table: number, width: number, chunk: number, lists: number): void;
  sumLists(lists: number, shift: number, to: number): void;
  offset(count: number, scalars: number, number: number): void;
  sumBuckets(
    count: number,
    points: number,
    scalars: number,
    buckets: number,
    width: number,
    windows: number,
    to: number,
  ): void;
  sumSecret(count: number, scalars: number, tables: number, windowStep: number, doublings: number, to: number): void;
  sumSigns(count: number, runs: number, to: number): void;
}

/** A point as its kernel has it in memory: numbers of no fixed form. Never changed. */
export type KernelPoint = Float64Array;

const ALIGNMENT = 16;
/** The highest byte of a number below 2^253. */
const SCALAR_TOP_MAX = 0x1f;
/** At the beginning of the tables, as long as there are any. */
const TABLES_ARE_HERE = 1;
const align = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/**
 * The memory of a kernel as its callers lay it out: scratch for one call at a time, and tables that stay until their place
 * is needed. Addresses are multiples of 16.
 */
export class EdwardsMemory {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Bytes of a point. */
  readonly pointSize: number;
  /** Points that are decoded or encoded at once. */
  readonly laneCount: number;
  #generation = 0;
  readonly #floats: Float64Array;
  #next = SCRATCH_AT;
  #nextTable = TABLES_AT + ALIGNMENT;

  constructor(kernel: EdwardsKernel) {
    this.bytes = new Uint8Array(kernel.memory.buffer);
    this.words = new Uint32Array(kernel.memory.buffer);
    this.#floats = new Float64Array(kernel.memory.buffer);
    const at = this.take(8);
    kernel.sizes(at);
    [this.pointSize, this.laneCount] = this.words.subarray(at / 4, at / 4 + 2) as unknown as [number, number];
    this.wipe();
  }

  /** So many bytes of zeros, until {@link wipe}. */
  take(size: number): number {
    const at = this.#next;
    // Checked first: what is wiped in the end must not reach into the tables.
    if (at + align(size) > TABLES_AT) throw new RangeError(`no room for ${size} bytes`);
    this.#next += align(size);
    return at;
  }

  /** Ends a call: nothing of it is left (PR-9). */
  wipe(): void {
    this.bytes.fill(0, 0, this.#next);
    this.#next = SCRATCH_AT;
  }

  /** Changes whenever all tables are lost: their room was needed, or somebody has wiped the whole memory. */
  get generation(): number {
    if (this.words[TABLES_AT / 4] !== TABLES_ARE_HERE) this.#loseTables();
    return this.#generation;
  }

  #loseTables(): void {
    this.#generation++;
    this.#nextTable = TABLES_AT + ALIGNMENT;
    this.words[TABLES_AT / 4] = TABLES_ARE_HERE;
  }

  /** Room among the tables. All others are lost if there is no more. */
  takeTable(size: number): number {
    const whole = align(size);
    if (whole > EDWARDS_END - TABLES_AT - ALIGNMENT) throw new RangeError(`no room for a table of ${size} bytes`);
    if (this.#nextTable + whole > EDWARDS_END) this.#loseTables();
    const at = this.#nextTable;
    this.#nextTable += whole;
    return at;
  }

  /** Points of this kernel's build, one after another; those of another backend throw RangeError. */
  writePoints(points: readonly KernelPoint[]): number {
    for (const { length } of points) {
      if (length * 8 !== this.pointSize) throw new RangeError("a point of another backend");
    }
    const start = this.take(points.length * this.pointSize);
    points.forEach((point, index) => this.#floats.set(point, (start + index * this.pointSize) / 8));
    return start;
  }

  readPoint(at: number): KernelPoint {
    return this.#floats.slice(at / 8, (at + this.pointSize) / 8);
  }

  /** So many points, one after another; they share their memory, which costs less. */
  readPoints(at: number, count: number): readonly KernelPoint[] {
    const [size, all] = [this.pointSize / 8, this.#floats.slice(at / 8, (at + count * this.pointSize) / 8)];
    return Array.from({ length: count }, (_, index) => all.subarray(index * size, (index + 1) * size));
  }

  /** Scalars in their slots. Throws RangeError for those that are not 32 bytes, or not below 2^253: no number below ℓ. */
  writeScalars(scalars: readonly Scalar[]): number {
    for (const scalar of scalars) {
      if (scalar.length !== SCALAR_SIZE) throw new RangeError(`scalar of ${scalar.length} bytes`);
      // The same of every secret that is a scalar (PR-9).
      if (scalar[SCALAR_SIZE - 1]! > SCALAR_TOP_MAX) throw new RangeError("scalar past 2^253");
    }
    const start = this.take(scalars.length * SCALAR_SLOT);
    scalars.forEach((scalar, index) => this.bytes.set(scalar, start + index * SCALAR_SLOT));
    return start;
  }
}
