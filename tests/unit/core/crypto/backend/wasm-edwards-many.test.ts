import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../../src/core/bytes/hex.ts";
import { buildKernel } from "../../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES } from "../../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { knownPoints } from "../../../../../src/core/crypto/backend/known-answers.ts";
import { createNobleBackend } from "../../../../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../../../../src/core/crypto/backend/wasm-backend.ts";
import { bigintOf, GROUP_ORDER, reduceScalar, scalarOf, type Scalar } from "../../../../../src/core/crypto/scalar.ts";
import { runs } from "../../../../support/run-counts.ts";
import { seededRandom } from "../../../../support/test-random.ts";

const noble = createNobleBackend();
const random = seededRandom("operations of kernels");
const COUNT = runs(20_000, 200_000);

const curveOf = (name: (typeof KERNEL_NAMES)[number]) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
  return createWasmBackend(`wasm ${name}`, exports as unknown as Kernel, noble);
};

/** Bytes with their elements as noble maps and encodes them: the edges of limbs and of p in both halves, then random. */
function mappings(): readonly { readonly bytes: Uint8Array; readonly element: string }[] {
  const edges = knownPoints();
  const list = Array.from({ length: COUNT }, (_, index) => {
    const bytes = random.bytes(64);
    const at = 32 * (index >> 1);
    if (at < edges.length) bytes.set(edges.subarray(at, at + 32), 32 * (index & 1));
    return bytes;
  });
  const encoded = formatHex(noble.ristrettoEncode(list.map((bytes) => noble.ristrettoFromHash(bytes))));
  return list.map((bytes, index) => ({ bytes, element: encoded.slice(64 * index, 64 * index + 64) }));
}

interface Product {
  readonly encoding: Uint8Array;
  readonly scalar: Scalar;
  /** The scalar times the point of the encoding, and times the generator. */
  readonly product: string;
  readonly ofGenerator: string;
}

/** Scalars around powers of two, which are windows all empty, all full, and carries through all of them. */
const edgeScalars: readonly Scalar[] = Array.from({ length: 253 }, (_, bit) => 2n ** BigInt(bit)).flatMap((power) =>
  [power - 1n, power, power + 1n, -power].map(scalarOf),
);

/** Points of prime order, scalars and their products: noble multiplies its generator, by both factors at once. */
function products(): readonly Product[] {
  const { BASE, ZERO } = ed25519.Point;
  const multiple = (factor: bigint) => (factor === 0n ? ZERO : BASE.multiply(factor));
  const factors = Array.from({ length: 50 }, () => bigintOf(reduceScalar(random.bytes(64))));
  const encodings = factors.map((factor) => BASE.multiply(factor).toBytes());
  return Array.from({ length: COUNT }, (_, index) => {
    const scalar = edgeScalars[index] ?? reduceScalar(random.bytes(64));
    const own = index % factors.length;
    const product = multiple((factors[own]! * bigintOf(scalar)) % GROUP_ORDER).toHex();
    return { encoding: encodings[own]!, scalar, product, ofGenerator: multiple(bigintOf(scalar)).toHex() };
  });
}

const [mapped, multiplied] = [mappings(), products()];

describe.each(KERNEL_NAMES)("20,000 inputs of the %s kernel", (name) => {
  const curve = curveOf(name);

  it("[PR-2] are mapped as noble maps them", () => {
    const points = mapped.map(({ bytes }) => curve.ristrettoFromHash(bytes));
    const encoded = formatHex(curve.ristrettoEncode(points));
    mapped.forEach(({ bytes, element }, index) => {
      const own = encoded.slice(64 * index, 64 * index + 64);
      if (own !== element) throw new Error(`${formatHex(bytes)} is not ${own}`);
    });
    expect(points.length).toBeGreaterThanOrEqual(20_000);
  });

  it("[AD-1] are multiplied with points and with the generator as noble multiplies them", () => {
    for (const { encoding, scalar, product, ofGenerator } of multiplied) {
      const own = [curve.edwardsMultiplySecret(encoding, scalar), curve.edwardsBaseMultiplySecret(scalar)].map(
        formatHex,
      );
      if (own[0] !== product || own[1] !== ofGenerator)
        throw new Error(`${formatHex(scalar)} · ${formatHex(encoding)}`);
    }
    expect(multiplied.length).toBeGreaterThanOrEqual(20_000);
  });
});
