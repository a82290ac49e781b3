/**
 * WebAssembly in its binary format (WebAssembly 2.0 with relaxed SIMD), as much of it as our kernels need: modules of
 * functions over one memory. Nothing here is specific to curves, and nothing is checked but by whoever compiles it.
 */

import { GET, placeLocals, SET, TEE, type LocalUse } from "./local-places.ts";

const VALUE_TYPE = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof VALUE_TYPE;

const SIMD = 0xfd;
const VOID = 0x40;
/** log2 of the alignment that a load or a store may count on. */
const ALIGNED = { v128: 4, f64: 3, none: 0 } as const;

/** Instructions without immediates, by the names of the specification. */
const INSTRUCTION = {
  drop: [0x1a],
  "i32.eqz": [0x45],
  "i32.eq": [0x46],
  "i32.lt_s": [0x48],
  "i32.lt_u": [0x49],
  "i32.gt_s": [0x4a],
  "i32.ge_s": [0x4e],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.mul": [0x6c],
  "i32.and": [0x71],
  "i32.or": [0x72],
  "i32.xor": [0x73],
  "i32.shl": [0x74],
  "i32.shr_s": [0x75],
  "i32.shr_u": [0x76],
  "i32.wrap_i64": [0xa7],
  "i64.eqz": [0x50],
  "i64.lt_u": [0x54],
  "i64.ge_u": [0x5a],
  "i64.ctz": [0x7a],
  "i64.add": [0x7c],
  "i64.sub": [0x7d],
  "i64.mul": [0x7e],
  "i64.and": [0x83],
  "i64.or": [0x84],
  "i64.xor": [0x85],
  "i64.shl": [0x86],
  "i64.shr_s": [0x87],
  "i64.shr_u": [0x88],
  "i64.rotr": [0x8a],
  "i64.extend_i32_s": [0xac],
  "f64.add": [0xa0],
  "f64.sub": [0xa1],
  "f64.mul": [0xa2],
  "i64.extend_i32_u": [0xad],
  "i64.trunc_f64_s": [0xb0],
  "f64.convert_i32_s": [0xb7],
  "f64.convert_i64_u": [0xba],
  "f64x2.splat": [SIMD, 20],
  "i64x2.splat": [SIMD, 18],
  "v128.and": [SIMD, 78],
  "v128.or": [SIMD, 80],
  "v128.xor": [SIMD, 81],
  "v128.bitselect": [SIMD, 82],
  "i32x4.splat": [SIMD, 17],
  "i32x4.eq": [SIMD, 55],
  "i32x4.shl": [SIMD, ...unsigned(171)],
  "i32x4.shr_u": [SIMD, ...unsigned(173)],
  "i32x4.add": [SIMD, ...unsigned(174)],
  "i32x4.sub": [SIMD, ...unsigned(177)],
  "i32x4.mul": [SIMD, ...unsigned(181)],
  "i64x2.shl": [SIMD, ...unsigned(203)],
  "i64x2.shr_u": [SIMD, ...unsigned(205)],
  "i64x2.add": [SIMD, ...unsigned(206)],
  "i64x2.sub": [SIMD, ...unsigned(209)],
  "i64x2.eq": [SIMD, ...unsigned(214)],
  "i64x2.extmul_low_i32x4_s": [SIMD, ...unsigned(220)],
  "i64x2.extmul_high_i32x4_s": [SIMD, ...unsigned(221)],
  "f64x2.add": [SIMD, ...unsigned(240)],
  "f64x2.sub": [SIMD, ...unsigned(241)],
  "f64x2.mul": [SIMD, ...unsigned(242)],
  "f64x2.relaxed_madd": [SIMD, ...unsigned(0x107)],
} as const satisfies Record<string, readonly number[]>;
export type Instruction = keyof typeof INSTRUCTION;

/** Loads and stores: their code and the alignment they are promised. */
const ACCESS = {
  "i32.load": [[0x28], ALIGNED.none],
  "i32.load8_u": [[0x2d], ALIGNED.none],
  "i32.store": [[0x36], ALIGNED.none],
  "i32.store8": [[0x3a], ALIGNED.none],
  "i64.load": [[0x29], ALIGNED.none],
  "i64.store": [[0x37], ALIGNED.none],
  "f64.load": [[0x2b], ALIGNED.f64],
  "f64.store": [[0x39], ALIGNED.f64],
  "v128.load": [[SIMD, 0], ALIGNED.v128],
  "v128.load64_zero": [[SIMD, 93], ALIGNED.f64],
  "v128.store": [[SIMD, 11], ALIGNED.v128],
} as const;

const LANE = {
  "i32x4.replace_lane": [SIMD, 28],
  "i64x2.replace_lane": [SIMD, 30],
  "f64x2.extract_lane": [SIMD, 33],
  "f64x2.replace_lane": [SIMD, 34],
} as const;

const SECTION = { type: 1, function: 3, memory: 5, export: 7, code: 10 } as const;
const EXPORT_KIND = { function: 0, memory: 2 } as const;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A parameter or a local variable of a function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** The body of a function, instruction by instruction. Every method returns the code itself. */
export class WasmCode {
  readonly params: readonly Local[];
  readonly #parts: LocalUse[] = [{ bytes: [] }];
  readonly #locals: ValueType[] = [];
  #isStraight = true;

  constructor(params: readonly ValueType[]) {
    this.params = params.map((type, index) => ({ index, type }));
  }

  /** A new local variable, zero at first. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return { index: this.params.length + this.#locals.length - 1, type };
  }

  get(local: Local): this {
    return this.#use(GET, local);
  }

  set(local: Local): this {
    return this.#use(SET, local);
  }

  tee(local: Local): this {
    return this.#use(TEE, local);
  }

  i32(value: number): this {
    return this.#emit([0x41, ...signed(BigInt(value))]);
  }

  i64(value: bigint): this {
    return this.#emit([0x42, ...signed(BigInt.asIntN(64, value))]);
  }

  f64(value: number): this {
    return this.#emit([0x44, ...wordOf(bitsOf(value))]);
  }

  /** A vector of two equal 64-bit lanes. */
  i64x2(value: bigint): this {
    return this.#emit([SIMD, 12, ...wordOf(value), ...wordOf(value)]);
  }

  /** A vector of four equal 32-bit lanes. */
  i32x4(value: number): this {
    const word = BigInt.asUintN(32, BigInt(value));
    return this.i64x2((word << 32n) | word);
  }

  /** A vector of two 64-bit lanes. */
  lanes64(first: bigint, second: bigint): this {
    return this.#emit([SIMD, 12, ...wordOf(first), ...wordOf(second)]);
  }

  /** A vector of two doubles. */
  f64x2Lanes(first: number, second: number): this {
    return this.lanes64(bitsOf(first), bitsOf(second));
  }

  /** The vector of two 64-bit lanes out of four: 0 and 1 of the vector below on the stack, 2 and 3 of the one on top. */
  shuffle64(first: number, second: number): this {
    const bytes = [first, second].flatMap((lane) => Array.from({ length: 8 }, (_, byte) => 8 * lane + byte));
    return this.#emit([SIMD, 13, ...bytes]);
  }

  /** The vector of four 32-bit lanes out of eight: 0 to 3 of the vector below on the stack, 4 to 7 of the one on top. */
  shuffle32(...lanes: readonly [number, number, number, number]): this {
    const bytes = lanes.flatMap((lane) => Array.from({ length: 4 }, (_, byte) => 4 * lane + byte));
    return this.#emit([SIMD, 13, ...bytes]);
  }

  /** A vector of two equal doubles. */
  f64x2(value: number): this {
    return this.i64x2(bitsOf(value));
  }

  do(instruction: Instruction): this {
    return this.#emit(INSTRUCTION[instruction]);
  }

  /** A load or a store at the address on the stack plus `offset` bytes. */
  access(name: keyof typeof ACCESS, offset: number): this {
    const [code, alignment] = ACCESS[name];
    return this.#emit([...code, alignment, ...unsigned(offset)]);
  }

  /** One lane of a vector, as the integer or the double it is taken for. */
  lane(instruction: keyof typeof LANE, lane: number): this {
    return this.#emit([...LANE[instruction], lane]);
  }

  /** Stores one 64-bit lane of a vector. */
  storeLane(lane: number, offset: number): this {
    return this.#emit([SIMD, 91, ALIGNED.none, ...unsigned(offset), lane]);
  }

  /** Stores one 32-bit lane of a vector. */
  storeLane32(lane: number, offset: number): this {
    return this.#emit([SIMD, 90, ALIGNED.none, ...unsigned(offset), lane]);
  }

  /** Loads one 64-bit lane into the vector on the stack, above the address. */
  loadLane(lane: number, offset: number): this {
    return this.#emit([SIMD, 87, ALIGNED.none, ...unsigned(offset), lane]);
  }

  call(functionIndex: number): this {
    return this.#emit([0x10, ...unsigned(functionIndex)]);
  }

  /** Runs the body once and again while it leaves something other than zero on the stack. */
  doWhile(body: () => void): this {
    this.#isStraight = false;
    this.#emit([0x03, VOID]);
    body();
    return this.#emit([0x0d, 0, 0x0b]);
  }

  /** Runs the body if what is on the stack is not zero. */
  when(body: () => void): this {
    this.#isStraight = false;
    this.#emit([0x04, VOID]);
    body();
    return this.#emit([0x0b]);
  }

  /** Runs the one body or, if what is on the stack is zero, the other. */
  either(body: () => void, otherwise: () => void): this {
    this.#isStraight = false;
    this.#emit([0x04, VOID]);
    body();
    this.#emit([0x05]);
    otherwise();
    return this.#emit([0x0b]);
  }

  #emit(bytes: readonly number[]): this {
    const last = this.#parts.at(-1)!;
    for (const byte of bytes) last.bytes.push(byte);
    return this;
  }

  #use(code: number, local: Local): this {
    this.#parts.push({ use: { code, local: local.index }, bytes: [] });
    return this;
  }

  /** As the code section has it: locals by runs of one type, then the instructions. */
  encode(): number[] {
    const typeOf = (local: number): ValueType => this.params[local]?.type ?? this.#locals[local - this.params.length]!;
    const { parts, types, placeOf } = placeLocals(this.#parts, this.params.length, typeOf, this.#isStraight);
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of types) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const locals = list(runs.map(({ type, count }) => [...unsigned(count), VALUE_TYPE[type]]));
    const body = parts.flatMap(({ use, bytes }, index) =>
      use === undefined ? bytes : [use.code, ...unsigned(placeOf[index]!), ...bytes],
    );
    return sized([...locals, ...body, 0x0b]);
  }
}

/** A module of functions without results over one memory, which it exports as `memory`. */
export class WasmModule {
  readonly #functions: WasmCode[] = [];
  readonly #exports: number[][] = [[...text("memory"), EXPORT_KIND.memory, 0]];

  /** Adds a function and gives its index, by which others call it. */
  add(params: readonly ValueType[], write: (code: WasmCode) => void, exportName?: string): number {
    const code = new WasmCode(params);
    write(code);
    const index = this.#functions.push(code) - 1;
    if (exportName !== undefined) this.#exports.push([...text(exportName), EXPORT_KIND.function, ...unsigned(index)]);
    return index;
  }

  /** The binary module; its memory has so many pages of 64 KiB. */
  encode(pages: number): Uint8Array {
    const types = this.#functions.map(({ params }) => [0x60, ...list(params.map(({ type }) => [VALUE_TYPE[type]])), 0]);
    return Uint8Array.from([
      ...MAGIC_AND_VERSION,
      ...section(SECTION.type, types),
      ...section(
        SECTION.function,
        this.#functions.map((_, index) => unsigned(index)),
      ),
      ...section(SECTION.memory, [[0, ...unsigned(pages)]]),
      ...section(SECTION.export, this.#exports),
      ...section(
        SECTION.code,
        this.#functions.map((code) => code.encode()),
      ),
    ]);
  }
}

/** The bits of a double. */
export function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

function wordOf(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, byte) => Number((BigInt.asUintN(64, value) >> BigInt(8 * byte)) & 255n));
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128. */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -64n || rest > 63n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest & 127n));
  return bytes;
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...sized(list(items))];
}

function text(name: string): number[] {
  return sized(Array.from(name, (letter) => letter.charCodeAt(0)));
}
