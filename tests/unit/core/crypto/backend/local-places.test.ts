import { describe, expect, it } from "vitest";
import { WasmModule, type WasmCode } from "../../../../../src/core/crypto/backend/kernel/wasm-code.ts";

/** Runs a function of one i32 that leaves an i32 on its stack. */
function run(write: (code: WasmCode) => void, input: number): number {
  const module = new WasmModule();
  module.add(
    ["i32"],
    (code) => {
      code.i32(0);
      write(code);
      code.access("i32.store", 0);
    },
    "run",
  );
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode(1) as BufferSource));
  (exports["run"] as (value: number) => void)(input);
  return new Int32Array((exports["memory"] as WebAssembly.Memory).buffer)[0]!;
}

describe("places of local variables", () => {
  it("let no value be lost that is used later, or more than once", () => {
    const sum = run((code) => {
      const [input] = code.params;
      const values = Array.from({ length: 10 }, (_, index) => {
        const local = code.local("i32");
        code.get(input!).i32(index).do("i32.add").set(local);
        return local;
      });
      const total = code.local("i32");
      code.get(values[0]!).set(total);
      // Each twice, the second time when all places of the others are free.
      for (const value of [...values, ...values.toReversed()]) code.get(total).get(value).do("i32.add").set(total);
      code.get(total);
    }, 100);
    expect(sum).toBe(100 + 2 * (10 * 100 + 45));
  });

  it("give a local that is read first its zero, after others have gone", () => {
    const result = run((code) => {
      const [used, fresh] = [code.local("i32"), code.local("i32")];
      code.get(code.params[0]!).set(used);
      code.get(used).get(used).do("i32.add").get(fresh).do("i32.add");
    }, 21);
    expect(result).toBe(42);
  });

  it("keep what a loop needs in its next round", () => {
    const result = run((code) => {
      const [count] = code.params;
      const [first, second, next] = [code.local("i32"), code.local("i32"), code.local("i32")];
      code.i32(1).set(second);
      code.doWhile(() => {
        code.get(first).get(second).do("i32.add").set(next);
        code.get(second).set(first);
        code.get(next).set(second);
        code.get(count!).i32(1).do("i32.sub").tee(count!);
      });
      code.get(first);
    }, 10);
    expect(result).toBe(55);
  });
});
