import { describe, expect, it } from "vitest";
import { sha512 } from "@noble/hashes/sha2.js";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { concatBytes } from "../../src/core/bytes/concat-bytes.ts";
import type { CurveBackend, Point } from "../../src/core/crypto/backend/curve-backend.ts";
import {
  bigintOf,
  GROUP_ORDER,
  reduceScalar,
  scalarOf,
  ZERO_SCALAR,
  type Scalar,
} from "../../src/core/crypto/scalar.ts";
import { joinScalars, sliceScalars } from "../../src/core/crypto/scalar-vector.ts";
import { encodeUtf8 } from "../../src/core/bytes/utf8.ts";
import { HASH_MESSAGE_MAX } from "../../src/core/crypto/backend/kernel/hash-layout.ts";
import { taggedHash } from "../../src/core/crypto/tagged-hash.ts";
import { parseAddress } from "../../src/core/values/address.ts";
import { BAD_ENCODINGS, MAPPED, MULTIPLES } from "../support/ristretto-vectors.ts";
import { scalarArithmeticContract } from "./scalar-arithmetic.ts";
import { seededRandom } from "../support/test-random.ts";
import { hexBytes, vectors } from "../support/protocol-vectors.ts";

/** Edwards encodings that are no canonical point, or not one of prime order. */
const BAD_EDWARDS = {
  identity: "0100000000000000000000000000000000000000000000000000000000000000",
  "identity with the sign bit": "0100000000000000000000000000000000000000000000000000000000000080",
  "order 2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "order 2 with the sign bit": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "order 4": "0000000000000000000000000000000000000000000000000000000000000000",
  "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "y = p, order 4": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "y = p + 1, identity": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "all ones": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "no point": "0200000000000000000000000000000000000000000000000000000000000000",
};

/** FIPS 180-4 examples (NIST, "SHA-512"): one block, two blocks, and none. */
const SHA512_VECTORS = [
  [
    "abc",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  ],
  [
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
  ],
  [
    "",
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  ],
] as const;

/** What every backend must do, whatever it is made of. */
export function curveBackendContract(name: string, open: () => CurveBackend): void {
  describe(`curve backend ${name}`, () => {
    const curve = open();
    const random = seededRandom(`curve ${name}`);
    const encode = (point: Point): string => formatHex(curve.ristrettoEncode([point]));
    const scalar = (): Scalar => reduceScalar(random.bytes(64));
    const point = (): Point => curve.ristrettoFromHash(random.bytes(64));
    /** The sum by single multiplications, the slow and obvious way. */
    const sumSingly = (points: readonly Point[], scalars: readonly Scalar[]): Point => {
      const one = scalarOf(1n);
      return points.reduce(
        (sum, each, index) => curve.msm([sum, curve.msmSecret([each], [scalars[index]!])], [one, one]),
        curve.msm([], []),
      );
    };

    scalarArithmeticContract(curve.scalars);

    it.each(vectors.x25519.cases)("[PR-4] x25519 of $name", ({ D, ss }) => {
      expect(formatHex(curve.x25519Batch(hexBytes(vectors.x25519.k), hexBytes(D)))).toBe(ss);
    });

    it("[PR-4] x25519 of a batch is that of its parts, small order among them", () => {
      const inputs = vectors.x25519.cases.map(({ D }) => hexBytes(D));
      const outputs = vectors.x25519.cases.map(({ ss }) => ss).join("");
      expect(formatHex(curve.x25519Batch(hexBytes(vectors.x25519.k), concatBytes(...inputs)))).toBe(outputs);
      expect(curve.x25519Batch(hexBytes(vectors.x25519.k), new Uint8Array(0))).toHaveLength(0);
    });

    it("[PR-1] hashes tags as 2.2 does", () => {
      const { external, internal } = vectors;
      const own = curve.tagsBatch(hexBytes(internal.s_vb), hexBytes(internal.D));
      expect(formatHex(own)).toBe(internal.tags_internal);
      const paid = curve.tagsBatch(hexBytes(external.ss), hexBytes(external.D));
      expect(formatHex(paid.subarray(2 * external.n, 2 * external.n + 2))).toBe(external.vtag);
    });

    it.each([0, 1, 2, 3, 300])("[PR-1] hashes the tags of %i keys, each with its secret or all with one", (count) => {
      const [secrets, keys] = [random.bytes(32 * count), random.bytes(32 * count)];
      const tagsOf = (secret: Uint8Array, index: number): Uint8Array =>
        taggedHash("stg/tags", secret, keys.subarray(32 * index, 32 * index + 32));
      const each = Array.from({ length: count }, (_, index) =>
        tagsOf(secrets.subarray(32 * index, 32 * index + 32), index),
      );
      expect(formatHex(curve.tagsBatch(secrets, keys))).toBe(formatHex(concatBytes(...each)));
      const one = random.bytes(32);
      const all = Array.from({ length: count }, (_, index) => tagsOf(one, index));
      expect(formatHex(curve.tagsBatch(one, keys))).toBe(formatHex(concatBytes(...all)));
    });

    it("hashes as FIPS 180-4 does", () => {
      for (const [text, digest] of SHA512_VECTORS) {
        expect(formatHex(curve.sha512Batch(encodeUtf8(text), 1))).toBe(digest);
      }
    });

    it.each([0, 1, 2, 3, 33])("hashes %i messages of one size, whatever the size is", (count) => {
      for (let size = 0; size <= 300; size++) {
        const messages = random.bytes(size * count);
        const each = Array.from({ length: count }, (_, index) =>
          sha512(messages.subarray(size * index, size * (index + 1))),
        );
        expect(formatHex(curve.sha512Batch(messages, count))).toBe(formatHex(concatBytes(...each)));
      }
    });

    it("hashes messages as long as they may be, and more of them than go in at once", () => {
      for (const [size, count] of [
        [HASH_MESSAGE_MAX, 5],
        [HASH_MESSAGE_MAX - 17, 3],
        [96, 1_000],
      ] as const) {
        const messages = random.bytes(size * count);
        const each = Array.from({ length: count }, (_, index) =>
          sha512(messages.subarray(size * index, size * (index + 1))),
        );
        expect(formatHex(curve.sha512Batch(messages, count))).toBe(formatHex(concatBytes(...each)));
      }
    });

    it.each([
      [1, 0],
      [5, 2],
      [4, -1],
      [4, 1.5],
      [HASH_MESSAGE_MAX + 1, 1],
    ])("takes %i bytes of %d messages for our own mistake", (size, count) => {
      expect(() => curve.sha512Batch(new Uint8Array(size), count)).toThrow(RangeError);
    });

    it("reads tags from wherever their inputs lie, and changes none of them", () => {
      const bytes = random.bytes(3 + 32 * 4);
      const before = bytes.slice();
      const tags = curve.tagsBatch(bytes.subarray(3, 67), bytes.subarray(67));
      expect(tags).toEqual(curve.tagsBatch(bytes.slice(3, 67), bytes.slice(67)));
      expect(bytes).toEqual(before);
    });

    it.each([
      [31, 32],
      [33, 32],
      [0, 32],
      [64, 32],
      [64, 96],
      [32, 33],
      [0, 31],
      [64, 0],
    ])("takes %i bytes of secrets for %i of keys for our own mistake", (secrets, keys) => {
      expect(() => curve.tagsBatch(new Uint8Array(secrets), new Uint8Array(keys))).toThrow(RangeError);
    });

    it("[EN-5] encodes small multiples as RFC 9496 A.1 does", () => {
      MULTIPLES.forEach((expected, factor) => {
        expect(encode(curve.msm([curve.ristrettoBase()], [scalarOf(BigInt(factor))]))).toBe(expected);
      });
      expect(curve.isIdentity(curve.msm([], []))).toBe(true);
      expect(curve.isIdentity(curve.ristrettoBase())).toBe(false);
    });

    it.each(BAD_ENCODINGS)("[EN-5] refuses the ristretto255 encoding %s", (encoding) => {
      expect(curve.ristrettoDecode(hexBytes(encoding))).toBeUndefined();
      const [good, bad] = [hexBytes(MULTIPLES[2]), hexBytes(encoding)];
      for (const list of [
        [bad, good],
        [good, bad],
        [good, bad, good],
        [good, good, bad],
      ]) {
        expect(curve.ristrettoDecode(concatBytes(...list))).toBeUndefined();
      }
    });

    it("[EN-5] decodes what it encodes, the identity included", () => {
      const points = [...Array.from({ length: 20 }, point), curve.msm([], [])];
      const bytes = curve.ristrettoEncode(points);
      const decoded = curve.ristrettoDecode(bytes);
      expect(decoded).toHaveLength(points.length);
      expect(curve.ristrettoEncode(decoded!)).toEqual(bytes);
    });

    it.each(MAPPED)("[PR-2] maps uniform bytes as RFC 9496 A.3 does: %s", (bytes, element) => {
      expect(encode(curve.ristrettoFromHash(hexBytes(bytes)))).toBe(element);
    });

    it("[EN-5] knows the identity by any of the points that stand for it, and takes it for a base", () => {
      const [p, minusOne] = [point(), scalarOf(-1n)];
      const [zero] = curve.ristrettoDecode(new Uint8Array(32))!;
      for (const each of [
        zero!,
        curve.msm([p, p], [scalarOf(5n), scalarOf(-5n)]),
        curve.msmSecret([zero!], [scalar()]),
        curve.fixedMsm(curve.prepareTable([p]), [scalarOf(1n)], [p], [minusOne]),
        ...["identity", "order 2", "order 4"].map((name_) =>
          curve.edwardsToRistretto(hexBytes(BAD_EDWARDS[name_ as keyof typeof BAD_EDWARDS])),
        ),
      ]) {
        expect(curve.isIdentity(each)).toBe(true);
        expect(encode(each)).toBe(MULTIPLES[0]);
      }
      expect(curve.isIdentity(p)).toBe(false);
    });

    it("gives the identity for sums of nothing, and takes no more scalars than points", () => {
      const table = curve.prepareTable([point(), point()]);
      const sums = [curve.msmSecret([], []), curve.fixedMsm(table, []), curve.fixedMsmSecret(table, [])];
      const empty = curve.prepareTable([]);
      for (const sum of [...sums, curve.fixedMsm(empty, []), curve.fixedMsmSecret(empty, [])]) {
        expect(curve.isIdentity(sum)).toBe(true);
      }
      const three = [scalar(), scalar(), scalar()];
      expect(() => curve.fixedMsm(table, three)).toThrow(RangeError);
      expect(() => curve.fixedMsmSecret(table, three)).toThrow(RangeError);
      expect(() => curve.fixedMsm(table, [], [point()], [])).toThrow(RangeError);
      expect(() => curve.fixedMsm(table, joinScalars(...three))).toThrow(RangeError);
      expect(() => curve.msm([point()], joinScalars())).toThrow(RangeError);
      expect(() => curve.msmSecret([point()], [])).toThrow(RangeError);
      expect(() => curve.ristrettoFromHash(new Uint8Array(63))).toThrow(RangeError);
    });

    it.each([2, 7, 700])("passes over secret scalars that are not there: %i points", (count) => {
      const few = Array.from({ length: 5 }, point);
      const table = curve.prepareTable(Array.from({ length: count }, (_, index) => few[index % few.length]!));
      const scalars = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? scalar() : undefined));
      const sum = curve.fixedMsmSecret(table, scalars);
      expect(encode(sum)).toBe(encode(curve.fixedMsm(table, scalars.map((each) => each ?? ZERO_SCALAR)))); // prettier-ignore
      expect(curve.isIdentity(curve.fixedMsmSecret(table, [undefined, undefined]))).toBe(true);
    });

    it("leaves points as they were, whatever is made of them", () => {
      const points = [point(), point()];
      const before = curve.ristrettoEncode(points);
      const table = curve.prepareTable(points);
      const scalars = [scalar(), scalar()];
      for (let round = 0; round < 2; round++) {
        const sums = [
          curve.msm(points, scalars),
          curve.msmSecret(points, scalars),
          curve.fixedMsm(table, scalars),
          curve.fixedMsmSecret(table, scalars),
          curve.fixedMsm(table, [], points, scalars),
        ];
        expect(new Set(sums.map(encode)).size).toBe(1);
        expect(curve.ristrettoEncode(points)).toEqual(before);
      }
    });

    it.each([1, 2, 3, 17, 130, 700])("sums %i products like single multiplications", (count) => {
      const few = Array.from({ length: Math.min(count, 12) }, point);
      const points = Array.from({ length: count }, (_, index) => few[index % few.length]!);
      const edges = [0n, 1n, -1n, 2n, GROUP_ORDER / 2n, GROUP_ORDER / 2n + 1n, 2n ** 251n, 2n ** 252n, 255n];
      const scalars = points.map((_, index) => (index < edges.length ? scalarOf(edges[index]!) : scalar()));
      // Equal points are joined first, so that the slow way stays short.
      const joined = few.map((_, place) =>
        scalarOf(scalars.reduce((sum, each, index) => (index % few.length === place ? sum + bigintOf(each) : sum), 0n)),
      );
      const expected = encode(sumSingly(few, joined));
      expect(encode(curve.msm(points, scalars))).toBe(expected);
      const table = curve.prepareTable(points);
      expect(table.size).toBe(count);
      expect(encode(curve.fixedMsm(table, scalars))).toBe(expected);
      expect(encode(curve.fixedMsmSecret(table, scalars))).toBe(expected);
      const all = joinScalars(...scalars);
      expect(encode(curve.msm(points, all))).toBe(expected);
      expect(encode(curve.fixedMsm(table, sliceScalars(all, 0, 1), points.slice(1), sliceScalars(all, 1)))).toBe(
        expected,
      );
      const cut = Math.floor(count / 2);
      const mixed = curve.fixedMsm(table, scalars.slice(0, cut), points.slice(cut), scalars.slice(cut));
      expect(encode(mixed)).toBe(expected);
    });

    it("sums a series like single sums: equal scalars, other points", () => {
      const table = curve.prepareTable(Array.from({ length: 12 }, point));
      const [identity] = curve.ristrettoDecode(new Uint8Array(32))!;
      const some = Array.from({ length: 12 }, (_, index) => (index === 7 ? identity! : point()));
      const other = curve.prepareTable(some);
      const scalars = [1n, -1n, 2n ** 252n, 0n, 2n ** 63n, 2n ** 64n - 1n].map(scalarOf).concat(scalar(), scalar());
      const places = [5, 0, 7, 1, 2, 3, 4, 6];
      for (const step of [1, 2, 0]) {
        const series = curve.fixedMsmSeries(other, scalars, { places, step, count: 3 });
        const single = [0, 1, 2].map((index) => curve.msm(places.map((place) => some[place + index * step]!), scalars)); // prettier-ignore
        expect(series.map(encode)).toEqual(single.map(encode));
      }
      expect(curve.fixedMsmSeries(table, [], { places: [], step: 1, count: 2 }).map(encode)).toEqual([MULTIPLES[0], MULTIPLES[0]]); // prettier-ignore
      expect(curve.fixedMsmSeries(table, scalars, { places, step: 1, count: 0 })).toEqual([]);
      for (const bad of [
        { places, step: 1, count: 6 },
        { places: places.slice(1), step: 1, count: 1 },
        { places: places.with(0, 12), step: 0, count: 1 },
        { places: places.with(0, -1), step: 1, count: 2 },
        { places: places.with(0, 0.5), step: 1, count: 1 },
        { places, step: -1, count: 2 },
      ]) {
        expect(() => curve.fixedMsmSeries(table, scalars, bad)).toThrow(RangeError);
      }
    });

    it("sums points by their signs", () => {
      const points = Array.from({ length: 16 }, point);
      const table = curve.prepareSigns(points);
      expect(table.size).toBe(16);
      const ones = (signs: readonly number[]): Scalar[] => signs.map((sign) => scalarOf(sign === 1 ? 1n : -1n));
      // Every group of four signs, and as many points under all of one sign.
      for (let value = 0; value < 16; value++) {
        const four = [0, 1, 2, 3].map((bit) => (value >> bit) & 1);
        const signs = Uint8Array.from([...four, ...four.map((sign) => 1 - sign), 0, 0, 0, 0, 1, 1, 1, 1]);
        const sums = curve.signSums(table, signs, [
          [{ sign: 0, point: 8, count: 4 }],
          [
            { sign: 4, point: 0, count: 12 },
            { sign: 0, point: 0, count: 4 },
          ],
          [],
          [{ sign: 0, point: 0, count: 16 }],
        ]);
        const expected = [
          curve.msm(points.slice(8, 12), ones(four)),
          curve.msm([...points.slice(0, 12), ...points.slice(0, 4)], ones([...signs.slice(4), ...four])),
          curve.msm([], []),
          curve.msm(points, ones([...signs])),
        ];
        expect(sums.map(encode)).toEqual(expected.map(encode));
      }
    });

    it("sums signs of equal, opposite and identity points", () => {
      const [p, zero] = [point(), curve.msm([], [])];
      const opposite = curve.msm([p], [scalarOf(-1n)]);
      const table = curve.prepareSigns([p, p, opposite, zero]);
      for (const [signs, factor] of [
        [[1, 0, 1, 1], -1n],
        [[1, 0, 0, 0], 1n],
        [[1, 1, 1, 0], 1n],
        [[0, 0, 0, 1], -1n],
        [[0, 1, 1, 1], -1n],
      ] as const) {
        const [sum] = curve.signSums(table, Uint8Array.from(signs), [[{ sign: 0, point: 0, count: 4 }]]);
        expect(encode(sum!)).toBe(encode(curve.msm([p], [scalarOf(factor)])));
      }
    });

    it("takes signs and points four by four, and none that are not there", () => {
      const points = Array.from({ length: 8 }, point);
      expect(() => curve.prepareSigns(points.slice(1))).toThrow(RangeError);
      const [table, signs] = [curve.prepareSigns(points), new Uint8Array(8)];
      expect(curve.signSums(table, signs, [])).toEqual([]);
      expect(() => curve.signSums(table, signs.subarray(1), [])).toThrow(RangeError);
      for (const run of [
        { sign: 4, point: 0, count: 8 },
        { sign: 0, point: 8, count: 4 },
        { sign: 2, point: 0, count: 4 },
        { sign: 0, point: 1, count: 4 },
        { sign: 0, point: 0, count: 3 },
        { sign: 0, point: 0, count: 0 },
        { sign: -4, point: 0, count: 4 },
        { sign: 0, point: -4, count: 4 },
      ]) {
        expect(() => curve.signSums(table, signs, [[run]])).toThrow(RangeError);
      }
    });

    it("sums equal, opposite and identity summands", () => {
      const [p, zero] = [point(), curve.msm([], [])];
      const [one, minusOne] = [scalarOf(1n), scalarOf(-1n)];
      expect(curve.isIdentity(curve.msm([p, p], [one, minusOne]))).toBe(true);
      expect(curve.isIdentity(curve.msmSecret([p, p], [one, minusOne]))).toBe(true);
      expect(encode(curve.msm([p, p, zero], [one, one, minusOne]))).toBe(encode(curve.msm([p], [scalarOf(2n)])));
      expect(curve.isIdentity(curve.msmSecret([p], [ZERO_SCALAR]))).toBe(true);
    });

    it("takes sizes that do not match for our own mistake", () => {
      expect(() => curve.msm([curve.ristrettoBase()], [])).toThrow(RangeError);
      expect(() => curve.ristrettoDecode(new Uint8Array(33))).toThrow(RangeError);
      expect(() => curve.x25519Batch(new Uint8Array(32), new Uint8Array(31))).toThrow(RangeError);
      expect(() => curve.fixedMsm(curve.prepareTable([]), [ZERO_SCALAR])).toThrow(RangeError);
    });

    it.each(Object.entries(BAD_EDWARDS))("[AD-3] %s is no point of prime order", (_, encoding) => {
      expect(curve.edwardsIsPrimeOrder(hexBytes(encoding))).toBe(false);
    });

    it("[AD-3] a prime-order point plus one of small order is not of prime order", () => {
      const { string, reason } = vectors.addresses.invalid[3]!;
      expect(reason).toBe("S not prime order");
      const parsed = parseAddress(string, "main");
      expect(parsed.ok && curve.edwardsIsPrimeOrder(parsed.keys.spendKey)).toBe(false);
      // A point all the same, so it is the order and not the encoding that counts.
      expect(parsed.ok && curve.edwardsToMontgomery(parsed.keys.spendKey)).toHaveLength(32);
      expect(curve.edwardsIsPrimeOrder(hexBytes(vectors.keys.S))).toBe(true);
    });

    it.each(["no point", "identity with the sign bit", "y = p, order 4"] as const)(
      "[EN-5] does not compute with the Edwards bytes of %s",
      (name_) => {
        const encoding = hexBytes(BAD_EDWARDS[name_]);
        expect(() => curve.edwardsToMontgomery(encoding)).toThrow(RangeError);
        expect(() => curve.edwardsToRistretto(encoding)).toThrow(RangeError);
      },
    );

    it("[PR-4] sends Edwards points to their u-coordinates", () => {
      for (const { S_j, u_S_j } of vectors.keys.subaddresses) {
        expect(formatHex(curve.edwardsToMontgomery(hexBytes(S_j)))).toBe(u_S_j);
      }
    });

    it("agrees with itself across Edwards, Montgomery and ristretto255", () => {
      const [first, second] = [scalar(), scalar()];
      const spend = curve.edwardsBaseMultiplySecret(first);
      expect(encode(curve.edwardsToRistretto(spend))).toBe(encode(curve.msm([curve.ristrettoBase()], [first])));
      const product = scalarOf(bigintOf(first) * bigintOf(second));
      expect(curve.edwardsMultiplySecret(spend, second)).toEqual(curve.edwardsBaseMultiplySecret(product));
    });
  });
}
