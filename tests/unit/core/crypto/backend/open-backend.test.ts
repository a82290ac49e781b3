import { describe, expect, it, vi } from "vitest";
import { KERNEL_NAMES, type KernelName } from "../../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { knowsItsAnswers } from "../../../../../src/core/crypto/backend/known-answers.ts";
import { createNobleBackend } from "../../../../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../../../../src/core/crypto/backend/wasm-backend.ts";
import type { CurveBackend, Point } from "../../../../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel, buildKernelOver } from "../../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { SCALAR_FLOAT_FIELD, VECTOR_FLOAT_FIELD } from "../../../../../src/core/crypto/backend/kernel/float-field.ts";
import { FMA_FIELD } from "../../../../../src/core/crypto/backend/kernel/fma-field.ts";
import type { KernelField } from "../../../../../src/core/crypto/backend/kernel/field-code.ts";
import { factorList } from "../../../../../src/core/crypto/scalar-vector.ts";
import { openBackend, type KernelSource } from "../../../../../src/core/crypto/backend/open-backend.ts";
import {
  edwardsConstant,
  LADDER_CONSTANT,
  ORDER_CONSTANT,
  SECRET_LADDER_CONSTANT,
  spoiltKernel,
  TAGS_CONSTANT,
} from "../../../../support/spoilt-kernel.ts";

const FIELDS: Readonly<Record<KernelName, KernelField>> = {
  fma: FMA_FIELD,
  simd: VECTOR_FLOAT_FIELD,
  scalar: SCALAR_FLOAT_FIELD,
};

describe("opening a backend", () => {
  it("takes the fastest build", async () => {
    expect((await openBackend(buildKernel)).name).toBe(`wasm ${KERNEL_NAMES[0]}`);
  });

  it("takes the one that was asked for", async () => {
    expect((await openBackend(buildKernel, "noble")).name).toBe("noble");
    for (const name of KERNEL_NAMES) expect((await openBackend(buildKernel, name)).name).toBe(`wasm ${name}`);
  });

  describe.each<[string, KernelSource]>([
    ["multiplies otherwise", (name) => spoiltKernel(buildKernel(name), LADDER_CONSTANT)],
    ["multiplies by secrets otherwise", (name) => spoiltKernel(buildKernel(name), SECRET_LADDER_CONSTANT)],
    ["hashes otherwise", (name) => spoiltKernel(buildKernel(name), TAGS_CONSTANT)],
    ["reduces otherwise", (name) => spoiltKernel(buildKernel(name), ORDER_CONSTANT)],
    ["decodes otherwise", (name) => spoiltKernel(buildKernel(name), edwardsConstant(FIELDS[name]))],
    ["is damaged", (name) => buildKernel(name).slice(0, -1)],
    ["is no kernel", () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
    ["cannot be brought", () => Promise.reject(new Error("not there"))],
  ])("where a build %s", (_what, source) => {
    it.each(KERNEL_NAMES)("falls back from %s to the next", async (wrong) => {
      const asked: KernelName[] = [];
      // Made ahead: what fails here is the test's mistake, and no kernel that is passed over.
      const made = KERNEL_NAMES.map((name) => source(name));
      for (const each of made) if (each instanceof Promise) each.catch(() => undefined);
      const backend = await openBackend((name) => {
        asked.push(name);
        const place = KERNEL_NAMES.indexOf(name);
        return place <= KERNEL_NAMES.indexOf(wrong) ? made[place]! : buildKernel(name);
      });
      const next = KERNEL_NAMES[KERNEL_NAMES.indexOf(wrong) + 1];
      expect(backend.name).toBe(next === undefined ? "noble" : `wasm ${next}`);
      // No more than is needed was brought.
      expect(asked).toEqual(KERNEL_NAMES.slice(0, KERNEL_NAMES.indexOf(wrong) + 2));
    });
  });

  it("[PR-4] a multiply-add in two roundings gives other answers", () => {
    const field: KernelField = {
      ...FMA_FIELD,
      open(code) {
        const emit = code.do.bind(code);
        const addend = code.local("v128");
        code.do = (instruction) => {
          if (instruction !== "f64x2.relaxed_madd") return emit(instruction);
          code.set(addend);
          emit("f64x2.mul");
          code.get(addend);
          return emit("f64x2.add");
        };
        return FMA_FIELD.open(code);
      },
    };
    const module = new WebAssembly.Module(buildKernelOver({ edwards: field, montgomery: field }) as BufferSource);
    const kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
    expect(knowsItsAnswers(createWasmBackend("unfused", kernel, createNobleBackend()))).toBe(false);
  });

  it("takes noble where there is no WebAssembly, and asks for no kernel that the engine cannot run", async () => {
    const source = vi.fn(buildKernel);
    for (const absent of [undefined, { validate: () => false }]) {
      vi.stubGlobal("WebAssembly", absent);
      expect((await openBackend(source)).name).toBe("noble");
    }
    vi.unstubAllGlobals();
    expect(source).not.toHaveBeenCalled();
  });

  it("the known answers are noble's own", () => {
    const noble = createNobleBackend();
    expect(knowsItsAnswers(noble)).toBe(true);
    const lastBitOf =
      (answer: (left: Uint8Array, right: Uint8Array) => Uint8Array) => (left: Uint8Array, right: Uint8Array) => {
        const bytes = answer(left, right);
        bytes[bytes.length - 1]! ^= 1;
        return bytes;
      };
    expect(
      knowsItsAnswers({ ...noble, x25519Batch: lastBitOf((scalar, inputs) => noble.x25519Batch(scalar, inputs)) }),
    ).toBe(false);
    expect(
      knowsItsAnswers({ ...noble, tagsBatch: lastBitOf((secrets, inputs) => noble.tagsBatch(secrets, inputs)) }),
    ).toBe(false);
    expect(
      knowsItsAnswers({ ...noble, x25519Secret: lastBitOf((scalar, input) => noble.x25519Secret(scalar, input)) }),
    ).toBe(false);
    for (const size of [0, 112, 300]) {
      const sha512Batch = (messages: Uint8Array, count: number): Uint8Array => {
        const digests = noble.sha512Batch(messages, count);
        if (messages.length === size * count) digests[64 * count - 1]! ^= 1;
        return digests;
      };
      expect(knowsItsAnswers({ ...noble, sha512Batch })).toBe(false);
    }
    const base = noble.ristrettoBase();
    expect(knowsItsAnswers({ ...noble, msmSecret: () => base })).toBe(false);
    expect(knowsItsAnswers({ ...noble, ristrettoDecode: () => undefined })).toBe(false);
  });

  it.each<[string, (noble: CurveBackend) => Partial<CurveBackend>]>([
    ["a backend that never sees the identity", () => ({ isIdentity: () => false })],
    ["a backend that sees nothing but the identity", () => ({ isIdentity: () => true })],
    ["[EN-5] a decoder of anything", (noble) => decodesAnything(noble, [0, 1])],
    ["[EN-5] a decoder of anything in the first place", (noble) => decodesAnything(noble, [0])],
    ["[EN-5] a decoder of anything in the second place", (noble) => decodesAnything(noble, [1])],
    [
      "a wrong sum of many points",
      (noble) => ({
        msm: (points, scalars) => (points.length < 350 ? noble.msm(points, scalars) : noble.ristrettoBase()),
      }),
    ],
    [
      "a wrong sum with short scalars",
      (noble) => ({
        msm: (points, scalars) =>
          points.length < 3 || factorList(scalars).some((scalar) => scalar.subarray(16).some((byte) => byte !== 0))
            ? noble.msm(points, scalars)
            : noble.ristrettoBase(),
      }),
    ],
    [
      "a wrong sum over a long table",
      (noble) => ({
        fixedMsm: (table, ...rest) => (table.size < 32 ? noble.fixedMsm(table, ...rest) : noble.ristrettoBase()),
      }),
    ],
    ["a wrong class of an Edwards point", (noble) => ({ edwardsToRistretto: () => noble.ristrettoBase() })],
    ["a wrong multiple of an Edwards point", () => ({ edwardsMultiplySecret: (encoding) => encoding })],
    ["a wrong multiple of the Edwards base", () => ({ edwardsBaseMultiplySecret: (scalar) => scalar })],
    [
      "an Edwards encoding without its sign",
      (noble) => ({
        edwardsBaseMultiplySecret: (scalar) =>
          noble.edwardsBaseMultiplySecret(scalar).map((byte, index) => (index === 31 ? byte & 127 : byte)),
      }),
    ],
    [
      "[PR-4] a key agreement of secrets that takes no coordinate past p",
      (noble) => ({
        x25519Secret: (scalar, u) => (u.every((byte) => byte === 255) ? u : noble.x25519Secret(scalar, u)),
      }),
    ],
  ])("%s is found", (_what, wrong) => {
    const noble = createNobleBackend();
    expect(knowsItsAnswers({ ...noble, ...wrong(noble) })).toBe(false);
  });

  it.each([
    "add",
    "subtract",
    "multiply",
    "multiplyAdd",
    "dot",
    "product",
    "squarings",
    "expand",
    "run",
    "invert",
    "reduceWide",
  ] as const)("a wrong %s is found", (operation) => {
    const noble = createNobleBackend();
    const operations = noble.scalars as unknown as Record<string, (...operands: unknown[]) => Uint8Array>;
    const own = operations[operation]!;
    const wrong = (...operands: unknown[]): Uint8Array => {
      const result = own(...operands).slice();
      result[result.length - 32]! ^= 1;
      return result;
    };
    expect(knowsItsAnswers({ ...noble, scalars: { ...noble.scalars, [operation]: wrong } })).toBe(false);
  });
});

/** A decoder that takes whatever is at some places, counted modulo 2, for the generator. */
function decodesAnything(noble: CurveBackend, places: readonly number[]): Partial<CurveBackend> {
  return {
    ristrettoDecode(encodings) {
      const points: Point[] = [];
      for (let at = 0; at < encodings.length; at += 32) {
        const own = noble.ristrettoDecode(encodings.subarray(at, at + 32));
        if (own === undefined && !places.includes((at / 32) % 2)) return undefined;
        points.push(...(own ?? [noble.ristrettoBase()]));
      }
      return points;
    },
  };
}
