import type { FieldCode, KernelField } from "./field-code.ts";
import { addFieldOperations, addOperation } from "./field-operations.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/** (486662 − 2) / 4 of RFC 7748. */
const A24 = 121_665;

/** Room for what a step puts aside: four numbers. */
export function stepSizeOf({ elementSize }: KernelField<FieldCode>): number {
  return 4 * elementSize;
}

/**
 * Adds a step of the ladder of RFC 7748, and gives its index: (p, q, u), points of which p becomes its double and q the sum
 * of both, where they are one u apart. Points are X and then Z. `work` is the address of its room.
 */
export function addStep(module: WasmModule, field: KernelField<FieldCode>, work: number): number {
  const write = field.callsProducts
    ? writeCalls(module, field, work)
    : (code: WasmCode): void => writeProducts(field, code);
  return module.add(["i32", "i32", "i32"], write);
}

/** All in one function. The squares of p come early, so that no product waits for the carry of the one before. */
function writeProducts({ elementSize, open }: KernelField<FieldCode>, code: WasmCode): void {
  const f = open(code);
  const [p, q, u] = code.params as [Local, Local, Local];
  const [x, z] = [f.load(p, 0), f.load(p, elementSize)];
  const [sum, difference] = [f.add(x, z), f.subtract(x, z)];
  const [otherX, otherZ] = [f.load(q, 0), f.load(q, elementSize)];
  const crossed = f.multiply(f.subtract(otherX, otherZ), sum);
  const other = f.multiply(f.add(otherX, otherZ), difference);
  const [squaredSum, squaredDifference] = [f.square(sum), f.square(difference)];
  f.store(q, 0, f.square(f.add(crossed, other)));
  const square = f.square(f.subtract(crossed, other));
  f.store(p, 0, f.multiply(squaredSum, squaredDifference));
  const e = f.subtract(squaredSum, squaredDifference);
  const scaled = f.scale(e, A24);
  f.store(q, elementSize, f.multiply(square, f.load(u, 0)));
  f.store(p, elementSize, f.multiply(e, f.add(squaredSum, scaled)));
}

/** The same by calls, so that the code of a whole step stays where a processor keeps what it has decoded. */
function writeCalls(module: WasmModule, field: KernelField<FieldCode>, work: number): (code: WasmCode) => void {
  const size = field.elementSize;
  const { multiply } = addFieldOperations(module, field);
  const square = addOperation(module, field, 2, (f, { params: [a, to] }) => f.store(to!, 0, f.square(f.load(a!, 0))));
  // (a, to): the pair (a₀ + a₁, a₀ − a₁)
  const sumAndDifference = addOperation(module, field, 2, (f, { params: [a, to] }) => {
    const [first, second] = [f.load(a!, 0), f.load(a!, size)];
    f.store(to!, 0, f.add(first, second));
    f.store(to!, size, f.subtract(first, second));
  });
  // (a, to): for the squares of X + Z and X − Z the factors of the double's Z
  const factors = addOperation(module, field, 2, (f, { params: [a, to] }) => {
    const [first, second] = [f.load(a!, 0), f.load(a!, size)];
    const e = f.subtract(first, second);
    f.store(to!, 0, e);
    f.store(to!, size, f.add(first, f.scale(e, A24)));
  });
  const [own, ownDifference, other, otherDifference] = [work, work + size, work + 2 * size, work + 3 * size];
  return (code) => {
    const [p, q, u] = code.params as [Local, Local, Local];
    const zOf = (point: Local): WasmCode => code.get(point).i32(size).do("i32.add");
    code.get(p).i32(own).call(sumAndDifference);
    code.get(q).i32(other).call(sumAndDifference);
    code.i32(otherDifference).i32(own).i32(otherDifference).call(multiply);
    code.i32(other).i32(ownDifference).i32(other).call(multiply);
    code.i32(other).i32(other).call(sumAndDifference);
    code.i32(own).i32(own).call(square);
    code.i32(ownDifference).i32(ownDifference).call(square);
    code.i32(other).get(q).call(square);
    code.i32(otherDifference).i32(otherDifference).call(square);
    code.i32(own).i32(ownDifference).get(p).call(multiply);
    code.i32(otherDifference).get(u);
    zOf(q).call(multiply);
    code.i32(own).i32(other).call(factors);
    code.i32(other).i32(otherDifference);
    zOf(p).call(multiply);
  };
}
