import type { Local, WasmCode } from "./wasm-code.ts";

/** The parameters of a function over so many addresses or counts. */
export const addresses = (count: number): "i32"[] => Array.from({ length: count }, () => "i32");

/** Local variables for addresses and counts, zero at first. */
export function counters<Name extends string>(code: WasmCode, ...names: readonly Name[]): Record<Name, Local> {
  return Object.fromEntries(names.map((name) => [name, code.local("i32")])) as Record<Name, Local>;
}

/** local += number. */
export function advance(code: WasmCode, local: Local, number: number): void {
  code.get(local).i32(number).do("i32.add").set(local);
}

/** Runs the body again while the count, one less each time, is not zero. */
export function repeat(code: WasmCode, count: Local, body: () => void): void {
  code.doWhile(() => {
    body();
    code.get(count).i32(1).do("i32.sub").tee(count);
  });
}
