import { EDWARDS_END, SCALAR_SLOT, SCRATCH_AT, TABLES_AT } from "./kernel/edwards-layout.ts";
import { SCALAR_SIZE } from "../scalar.ts";
import { scalarCount, type ScalarVector } from "../scalar-vector.ts";
import type { PublicScalars } from "./curve-backend.ts";

/** What some builds export for tables of affine summands (`kernel/affine-sum-kernel.ts`). */
export interface AffineKernel {
  flatten(count: number, summands: number, products: number, table: number): void;
  sumAffineLists(lists: number, to: number): void;
  sumAffineSeries(lists: number, shift: number, laneShift: number, to: number): void;
}

/** What a kernel module exports for points (`kernel/edwards-kernel.ts`). Operands are addresses and counts. */
export interface EdwardsKernel extends Partial<AffineKernel> {
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
  listDigits(
    count: number,
    scalars: number,
    table: number,
    width: number,
    size: number,
    chunk: number,
    lists: number,
  ): void;
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

/** What a processor fetches at once, so that an entry of a table lies in as few such lines as it can. */
const ALIGNMENT = 64;
/** Numbers that points out of the kernel share a block for: 8 kB, which live as long as one of the points. */
const BLOCK_FLOATS = 1_024;
/** The highest byte of a number below 2^253. */
const SCALAR_TOP_MAX = 0x1f;
/** At the beginning of the tables, as long as there are any. */
const TABLES_ARE_HERE = 1;
const align = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/**
 * The memory of a kernel as its callers lay it out: scratch for one call at a time, and tables that stay until their place
 * is needed. Addresses are multiples of 64.
 */
export class EdwardsMemory {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Bytes of a point. */
  readonly pointSize: number;
  /** Points that are decoded or encoded at once. */
  readonly laneCount: number;
  /** Bytes of an affine summand. */
  readonly affineSize: number;
  #generation = 0;
  #block = new Float64Array(0);
  #blockNext = 0;
  readonly #floats: Float64Array;
  #next = SCRATCH_AT;
  #nextTable = TABLES_AT + ALIGNMENT;
  /** Room that one table has at a time, and how many have had it. */
  #passing = { at: 0, size: 0 };
  #turn = 0;

  constructor(kernel: EdwardsKernel) {
    this.bytes = new Uint8Array(kernel.memory.buffer);
    this.words = new Uint32Array(kernel.memory.buffer);
    this.#floats = new Float64Array(kernel.memory.buffer);
    const at = this.take(12) / 4;
    kernel.sizes(4 * at);
    [this.pointSize, this.laneCount, this.affineSize] = this.words.subarray(at, at + 3) as unknown as [number, number, number]; // prettier-ignore
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

  /** Changes whenever another table has taken over the room of {@link takePassingTable}. */
  get turn(): number {
    return this.#turn;
  }

  #loseTables(): void {
    this.#generation++;
    this.#passing = { at: 0, size: 0 };
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

  /** Room for a table that is soon of no more use: the next one takes it over. Else such tables would push out all others. */
  takePassingTable(size: number): number {
    if (size > this.#passing.size) {
      const at = this.takeTable(size);
      this.#passing = { at, size };
    }
    this.#turn++;
    return this.#passing.at;
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

  /** So many points from there on. They share their memory, since one array for each costs more than all else. */
  readPoints(at: number, count: number): readonly KernelPoint[] {
    const size = this.pointSize / 8;
    const start = this.#takeFloats(size * count);
    const [from, to, floats] = [at / 8, this.#block, this.#floats];
    for (let index = 0; index < size * count; index++) to[start + index] = floats[from + index]!;
    const points: KernelPoint[] = [];
    for (let next = start; next < start + size * count; next += size) points.push(to.subarray(next, next + size));
    return points;
  }

  readPoint(at: number): KernelPoint {
    return this.readPoints(at, 1)[0]!;
  }

  /** Where in a block of its own, or in the one that the last points left, so many numbers begin. */
  #takeFloats(count: number): number {
    if (this.#blockNext + count > this.#block.length) {
      this.#block = new Float64Array(Math.max(count, BLOCK_FLOATS));
      this.#blockNext = 0;
    }
    const start = this.#blockNext;
    this.#blockNext += count;
    return start;
  }

  /** Scalars in their slots. Throws RangeError for those that are not 32 bytes, or not below 2^253: no number below ℓ. */
  writeScalars(scalars: PublicScalars): number {
    if (scalars instanceof Uint8Array) return this.#writeVector(scalars);
    for (const scalar of scalars) {
      if (scalar.length !== SCALAR_SIZE) throw new RangeError(`scalar of ${scalar.length} bytes`);
      // The same of every secret that is a scalar (PR-9).
      if (scalar[SCALAR_SIZE - 1]! > SCALAR_TOP_MAX) throw new RangeError("scalar past 2^253");
    }
    const start = this.take(scalars.length * SCALAR_SLOT);
    scalars.forEach((scalar, index) => this.bytes.set(scalar, start + index * SCALAR_SLOT));
    return start;
  }

  #writeVector(scalars: ScalarVector): number {
    const count = scalarCount(scalars);
    for (let top = SCALAR_SIZE - 1; top < scalars.length; top += SCALAR_SIZE) {
      if (scalars[top]! > SCALAR_TOP_MAX) throw new RangeError("scalar past 2^253");
    }
    const start = this.take(count * SCALAR_SLOT);
    const words = wordsOf(scalars);
    for (let index = 0, from = 0; index < count; index++) {
      const to = (start + index * SCALAR_SLOT) / 4;
      for (let word = 0; word < SCALAR_SIZE / 4; word++) this.words[to + word] = words[from++]!;
    }
    return start;
  }
}

/** Bytes by fours. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const whole = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(whole.buffer, whole.byteOffset, whole.length / 4);
}
