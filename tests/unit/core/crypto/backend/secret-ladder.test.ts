import { x25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../../src/core/bytes/concat-bytes.ts";
import { formatHex, parseHex } from "../../../../../src/core/bytes/hex.ts";
import { buildKernel } from "../../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES } from "../../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { knownPoints } from "../../../../../src/core/crypto/backend/known-answers.ts";
import { multiplyMontgomery } from "../../../../../src/core/crypto/backend/montgomery-ladder.ts";
import { createNobleBackend } from "../../../../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../../../../src/core/crypto/backend/wasm-backend.ts";
import { runs } from "../../../../support/run-counts.ts";
import { seededRandom } from "../../../../support/test-random.ts";
import { X25519_VECTORS } from "../../../../support/x25519-vectors.ts";

const noble = createNobleBackend();
const FIELD_ORDER = 2n ** 255n - 19n;
/** Of order 8 (D. J. Bernstein's list). */
const ORDER_EIGHT = [
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
] as const;

const number = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, byte) => Number((value >> BigInt(8 * byte)) & 255n));

/** Scalars with a single bit set, with a single bit clear, and with nothing at all. */
const EDGE_SCALARS = Array.from({ length: 256 }, (_, bit) => number(2n ** BigInt(bit))).flatMap((one) => [
  one,
  one.map((byte) => ~byte),
]);

interface Tried {
  readonly scalar: Uint8Array;
  readonly u: Uint8Array;
  readonly product: string;
}

/** Random pairs; between soaks each build takes a third of them. */
const RANDOM_COUNT = runs(8_100, 200_000);

/** Pairs with their products by the reference ladder: all edges, then random ones. */
function pairs(): { readonly edges: readonly Tried[]; readonly random: readonly Tried[] } {
  const random = seededRandom("secret ladder");
  const list: Tried[] = [];
  const add = (scalar: Uint8Array, us: Uint8Array): void => {
    const products = multiplyMontgomery(scalar, us);
    for (let at = 0; at < us.length; at += 32) {
      list.push({ scalar, u: us.slice(at, at + 32), product: formatHex(products.subarray(at, at + 32)) });
    }
  };
  EDGE_SCALARS.forEach((scalar, index) => add(scalar, concatBytes(number(BigInt(index)), random.bytes(32))));
  const edges = knownPoints();
  const near = Array.from({ length: 80 }, (_, index) => number(FIELD_ORDER - 40n + BigInt(index)));
  // The highest bit set as well: it does not count.
  const high = near.map((u) => u.map((byte, index) => (index === 31 ? byte | 128 : byte)));
  for (let round = 0; round < 8; round++) add(random.bytes(32), concatBytes(edges, ...near, ...high));
  const edgeCount = list.length;
  while (list.length < edgeCount + RANDOM_COUNT) add(random.bytes(32), random.bytes(32 * 10));
  return { edges: list.slice(0, edgeCount), random: list.slice(edgeCount) };
}

const tried = pairs();

function open(name: (typeof KERNEL_NAMES)[number]) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
  const kernel = exports as unknown as Kernel;
  return { curve: createWasmBackend(name, kernel, noble), kernel, memory: new Uint8Array(kernel.memory.buffer) };
}

describe("the reference of secret key agreements", () => {
  it("[PR-4] agrees with noble", () => {
    const byNoble = ({ scalar, u }: Tried): string => {
      try {
        return formatHex(x25519.getSharedSecret(scalar, u));
      } catch {
        // It throws where the product is zero.
        return "00".repeat(32);
      }
    };
    const all = [...tried.edges, ...tried.random];
    for (let index = 0; index < all.length; index += 37) expect(byNoble(all[index]!)).toBe(all[index]!.product);
  });
});

describe.each(KERNEL_NAMES.map((name, place) => [name, place] as const))(
  "secret key agreements of the %s kernel",
  (name, place) => {
    const { curve, kernel, memory } = open(name);
    const isClean = (): boolean => Buffer.compare(memory, new Uint8Array(memory.length)) === 0;

    it.each(X25519_VECTORS)("[PR-4] multiply as RFC 7748 does: %s", (scalar, u, product) => {
      expect(formatHex(curve.x25519Secret(parseHex(scalar), parseHex(u)))).toBe(product);
    });

    it("[PR-4] iterate as RFC 7748 §5.2 does, a thousand times and in a soak a million times", () => {
      let [scalar, u] = [number(9n), number(9n)];
      const after = (from: number, to: number): string => {
        for (let round = from; round < to; round++) [scalar, u] = [curve.x25519Secret(scalar, u), scalar];
        return formatHex(scalar);
      };
      expect(after(0, 1)).toBe("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
      expect(after(1, 1_000)).toBe("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
      const count = runs(1_000, 1_000_000);
      if (count > 1_000) {
        expect(after(1_000, count)).toBe("7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424");
      }
    });

    it("[PR-4] agree with the reference on any 32 bytes, at the edges of limbs and past p, with scalars of any bits", () => {
      const share = (_: Tried, index: number): boolean => index % runs(KERNEL_NAMES.length, 1) === runs(place, 0);
      const mine = [...tried.edges, ...tried.random.filter(share)];
      for (const { scalar, u, product } of mine) {
        const own = formatHex(curve.x25519Secret(scalar, u));
        if (own !== product) throw new Error(`${formatHex(scalar)} · ${formatHex(u)} is not ${own}`);
      }
      // By all builds together.
      expect(mine.length * KERNEL_NAMES.length).toBeGreaterThanOrEqual(20_000);
    });

    it("[PR-4] give zeros for small order, whatever the scalar is", () => {
      const small = [0n, 1n, FIELD_ORDER - 1n, FIELD_ORDER, FIELD_ORDER + 1n].map(number);
      const top = small.map((u) => u.map((byte, index) => (index === 31 ? byte | 128 : byte)));
      for (const u of [...small, ...top, ...ORDER_EIGHT.map(parseHex)]) {
        for (const scalar of EDGE_SCALARS.slice(0, 32)) {
          expect(curve.x25519Secret(scalar, u)).toEqual(new Uint8Array(32));
        }
      }
    });

    it("are those of a batch, and change neither of their inputs", () => {
      const random = seededRandom(`batch ${name}`);
      for (let index = 0; index < 50; index++) {
        const bytes = random.bytes(3 + 64);
        const before = bytes.slice();
        const [scalar, u] = [bytes.subarray(3, 35), bytes.subarray(35)];
        expect(curve.x25519Secret(scalar, u)).toEqual(curve.x25519Batch(scalar, u));
        expect(bytes).toEqual(before);
      }
    });

    it("refuse a scalar or a coordinate of another size", () => {
      for (const size of [0, 31, 33, 64]) {
        expect(() => curve.x25519Secret(new Uint8Array(size), new Uint8Array(32))).toThrow(RangeError);
        expect(() => curve.x25519Secret(new Uint8Array(32), new Uint8Array(size))).toThrow(RangeError);
      }
    });

    it("[PR-9] leave nothing in memory, not even where they fail", () => {
      const random = seededRandom("wiped");
      curve.x25519Secret(random.bytes(32), random.bytes(32));
      expect(isClean()).toBe(true);
      const failing = createWasmBackend(
        name,
        {
          ...kernel,
          x25519Secret() {
            throw new Error("failed");
          },
        },
        noble,
      );
      expect(() => failing.x25519Secret(random.bytes(32), random.bytes(32))).toThrow("failed");
      expect(isClean()).toBe(true);
    });
  },
);
