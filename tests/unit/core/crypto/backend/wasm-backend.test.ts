import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../../../src/core/bytes/compare-bytes.ts";
import { formatHex, parseHex } from "../../../../../src/core/bytes/hex.ts";
import { concatBytes } from "../../../../../src/core/bytes/concat-bytes.ts";
import { buildKernel } from "../../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import {
  BATCH_POINTS,
  KERNEL_NAMES,
  type KernelName,
} from "../../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { BATCH_TAGS } from "../../../../../src/core/crypto/backend/kernel/tags-layout.ts";
import { knownPoints } from "../../../../../src/core/crypto/backend/known-answers.ts";
import { createNobleBackend } from "../../../../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../../../../src/core/crypto/backend/wasm-backend.ts";
import { createSha512Batch } from "../../../../../src/core/crypto/backend/wasm-hashes.ts";
import { createTagsBatch } from "../../../../../src/core/crypto/backend/wasm-tags.ts";
import { sha256Hash } from "../../../../../src/core/crypto/tagged-hash.ts";
import { curveBackendContract } from "../../../../contract/curve-backend.ts";
import { runs } from "../../../../support/run-counts.ts";
import { seededRandom } from "../../../../support/test-random.ts";
import { X25519_VECTORS } from "../../../../support/x25519-vectors.ts";

const noble = createNobleBackend();
const DIGESTS: Readonly<Record<KernelName, string>> = {
  fma: "f29d076109a0892563e0ffcdba3865ac232bb1953298ea66f766763f43ce205b",
  simd: "b4354cca5593a96c258827702aeb73e223ecf1fb6aaad9e76ff36035774fc3c5",
  scalar: "aeb7d56c2016b4343f6ce884c8d89869db3c8a082855f3b2c4b445ce68943bc3",
};
const FIELD_ORDER = 2n ** 255n - 19n;

function open(name: KernelName): { readonly kernel: Kernel; readonly memory: Uint8Array } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
  const kernel = exports as unknown as Kernel;
  return { kernel, memory: new Uint8Array(kernel.memory.buffer) };
}

describe.each(KERNEL_NAMES)("the %s kernel", (name) => {
  const { kernel } = open(name);
  const curve = createWasmBackend(`wasm ${name}`, kernel, noble);

  curveBackendContract(`wasm ${name}`, () => curve);

  it("is the same module everywhere: whoever changes its code changes this line", () => {
    expect(formatHex(sha256Hash(buildKernel(name)))).toBe(DIGESTS[name]);
  });

  it.each(X25519_VECTORS)("[PR-4] multiplies as RFC 7748 does: %s", (scalar, u, product) => {
    expect(formatHex(curve.x25519Batch(parseHex(scalar), parseHex(u)))).toBe(product);
  });

  it("[PR-4] iterates as RFC 7748 §5.2 does, a thousand times", () => {
    let scalar: Uint8Array = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 9 : 0));
    let u = scalar;
    for (let round = 0; round < 1_000; round++) [scalar, u] = [curve.x25519Batch(scalar, u), scalar];
    expect(formatHex(scalar)).toBe("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
  });

  it("agrees with noble on any 32 bytes, at the edges of limbs and past p", () => {
    const random = seededRandom(`kernel ${name}`);
    let compared = 0;
    while (compared < runs(20_000, 1_000_000)) {
      const scalar = random.bytes(32);
      // Numbers whose limbs are as large and as small as can be, of either width.
      const edges = Array.from({ length: 64 }, () => edgeNumber(random.bytes(16)));
      const inputs = concatBytes(knownPoints(), ...edges, random.bytes(32 * 1_000));
      expect(formatHex(curve.x25519Batch(scalar, inputs))).toBe(formatHex(noble.x25519Batch(scalar, inputs)));
      compared += inputs.length / 32;
    }
  });

  it.each([1, 2, 3, 4, 5, 7, BATCH_POINTS - 3, BATCH_POINTS - 1, BATCH_POINTS, BATCH_POINTS + 1])(
    "multiplies %i points, the last as the first",
    (count) => {
      const random = seededRandom(`count ${count}`);
      const [scalar, inputs] = [random.bytes(32), random.bytes(32 * count)];
      expect(formatHex(curve.x25519Batch(scalar, inputs))).toBe(formatHex(noble.x25519Batch(scalar, inputs)));
    },
  );

  it("[PR-4] a point of small order gives zeros and spoils nothing for those beside it", () => {
    const good = parseHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
    const scalar = seededRandom("small order").bytes(32);
    const alone = curve.x25519Batch(scalar, good);
    for (const small of [0n, 1n, FIELD_ORDER - 1n, FIELD_ORDER, FIELD_ORDER + 1n]) {
      // In every lane, the other ones of its vector full and empty.
      for (let place = 0; place < 6; place++) {
        const inputs = Array.from({ length: 6 }, (_, index) => (index === place ? number(small) : good));
        const products = inputs.map((_, index) => (index === place ? new Uint8Array(32) : alone));
        expect(curve.x25519Batch(scalar, concatBytes(...inputs))).toEqual(concatBytes(...products));
      }
    }
  });

  it("[PR-1] hashes the tags of any secret and key as noble does", () => {
    const random = seededRandom(`tags ${name}`);
    const isHashed = (secrets: Uint8Array, keys: Uint8Array): boolean =>
      equalBytes(curve.tagsBatch(secrets, keys), noble.tagsBatch(secrets, keys));
    // Every bit of both by itself, among zeros and among ones.
    const bits = Uint8Array.from({ length: 32 * 256 }, (_, at) => {
      const bit = Math.floor(at / 32);
      return at % 32 === bit >> 3 ? 1 << (bit & 7) : 0;
    });
    const zeros = new Uint8Array(bits.length);
    for (const [set, clear] of [
      [bits, zeros],
      [bits.map((byte) => ~byte), zeros.map(() => 0xff)],
    ] as const) {
      expect(isHashed(set, clear) && isHashed(clear, set) && isHashed(set, set)).toBe(true);
    }
    for (let compared = 0; compared < runs(20_000, 1_000_000); compared += 2_000) {
      const keys = random.bytes(32 * 1_000);
      expect(isHashed(random.bytes(keys.length), keys)).toBe(true);
      expect(isHashed(random.bytes(32), keys)).toBe(true);
    }
  });

  it.each([0, 1, 2, BATCH_TAGS - 1, BATCH_TAGS, BATCH_TAGS + 1, 2 * BATCH_TAGS + 1])(
    "[PR-1] hashes %i tags, the last as the first",
    (count) => {
      const random = seededRandom(`tags ${count}`);
      const [secrets, keys] = [random.bytes(32 * count), random.bytes(32 * count)];
      for (const secret of [secrets, random.bytes(32)]) {
        expect(formatHex(curve.tagsBatch(secret, keys))).toBe(formatHex(noble.tagsBatch(secret, keys)));
      }
    },
  );

  it("[PR-9] leaves nothing of a batch in its memory", () => {
    const random = seededRandom("wiped");
    const { kernel: fresh, memory } = open(name);
    const own = createWasmBackend(name, fresh, noble);
    own.x25519Batch(random.bytes(32), random.bytes(32 * 5));
    expect(memory.every((byte) => byte === 0)).toBe(true);
    own.tagsBatch(random.bytes(32 * 300), random.bytes(32 * 300));
    expect(memory.every((byte) => byte === 0)).toBe(true);
    for (const [size, count] of [[150, 1], [150, 700], [0, 3], [16_384, 5]] as const) own.sha512Batch(random.bytes(size * count), count); // prettier-ignore
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });

  it("[PR-9] leaves nothing of a batch of tags that failed", () => {
    const { kernel: fresh, memory } = open(name);
    const failing = createTagsBatch({
      memory: fresh.memory,
      tags() {
        throw new Error("failed");
      },
    });
    expect(() => failing(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))).toThrow("failed");
    expect(memory.every((byte) => byte === 0)).toBe(true);
    const failingHashes = createSha512Batch({
      memory: fresh.memory,
      sha512() {
        throw new Error("failed");
      },
    });
    expect(() => failingHashes(new Uint8Array(900).fill(1), 3)).toThrow("failed");
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });

  it("hashes transcripts as noble does, with every bit of a message in turn", () => {
    const random = seededRandom("transcripts");
    const bits = Uint8Array.from({ length: 8 * 150 * 150 }, (_, at) => {
      const [bit, byte] = [Math.floor(at / 150), at % 150];
      return byte === bit >> 3 ? 1 << (bit & 7) : 0;
    });
    for (const messages of [bits, bits.map((byte) => ~byte)]) {
      expect(equalBytes(curve.sha512Batch(messages, 1_200), noble.sha512Batch(messages, 1_200))).toBe(true);
    }
    for (let compared = 0; compared < runs(20_000, 1_000_000); compared += 1_000) {
      const messages = random.bytes(1_000 * (1 + (((37 * compared) / 1_000) % 300)));
      expect(equalBytes(curve.sha512Batch(messages, 1_000), noble.sha512Batch(messages, 1_000))).toBe(true);
    }
  });

  it("multiplies and hashes in turns, each over the memory of the other", () => {
    const random = seededRandom("in turns");
    const [scalar, inputs] = [random.bytes(32), random.bytes(32 * 260)];
    for (let turn = 0; turn < 2; turn++) {
      const products = curve.x25519Batch(scalar, inputs);
      expect(formatHex(products)).toBe(formatHex(noble.x25519Batch(scalar, inputs)));
      expect(formatHex(curve.tagsBatch(products, inputs))).toBe(formatHex(noble.tagsBatch(products, inputs)));
    }
  });

  it("refuses a scalar or a list of another size", () => {
    expect(() => curve.x25519Batch(new Uint8Array(31), new Uint8Array(32))).toThrow(RangeError);
    expect(() => curve.x25519Batch(new Uint8Array(32), new Uint8Array(33))).toThrow(RangeError);
  });
});

function number(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, byte) => Number((value >> BigInt(8 * byte)) & 255n));
}

/** 255 bits of which each run, as long as a limb, is a power of two give or take one. */
function edgeNumber(choices: Uint8Array): Uint8Array {
  const width = choices[15]! & 1 ? 51 : 25.5;
  let value = 0n;
  for (let limb = 0; limb * width < 255; limb++) {
    const choice = choices[limb]!;
    const bit = BigInt(Math.ceil(limb * width)) + (choice & 1 ? BigInt(Math.floor(width)) - 1n : 0n);
    value += 2n ** bit + BigInt(((choice >> 1) % 3) - 1);
  }
  return number(value % 2n ** 255n);
}
