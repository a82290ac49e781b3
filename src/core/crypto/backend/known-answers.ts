import { concatBytes } from "../../bytes/concat-bytes.ts";
import { formatHex, parseHex } from "../../bytes/hex.ts";
import { u8 } from "../../bytes/writer.ts";
import { GROUP_ORDER, scalarOf } from "../scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, splitScalars } from "../scalar-vector.ts";
import { hash32, sha256Hash, taggedHash } from "../tagged-hash.ts";
import type { CurveBackend } from "./curve-backend.ts";
import { knowsItsElements, type AskedElements } from "./known-elements.ts";
import { knowsItsSecrets, type AskedSecrets } from "./known-secrets.ts";
import type { ScalarArithmetic } from "./scalar-arithmetic.ts";
import { from, still } from "./scalar-place.ts";
import { ScalarProgram } from "./scalar-program.ts";

/**
 * What a backend must answer before it is trusted with anything. It is run wherever one is opened: an engine may do a
 * multiply-add in two roundings, which gives wrong numbers and no error.
 */

const LIMB_WIDTHS = [51, 21.25] as const;
const FIELD_ORDER = 2n ** 255n - 19n;
/** Of order 8 or less, as u-coordinates (RFC 7748 §6.1 and D. J. Bernstein's list), besides 0, 1 and −1. */
const SMALL_ORDER = [
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
] as const;
const RANDOM_COUNT = 64;
/** SHA-256 over the products of {@link knownPoints} under {@link SCALAR}, as the noble backend and RFC 7748 have them. */
const PRODUCTS = "4fe057a9cdbbd7b7964d1d6f4d0b8843f92e10182b4b5a0e5332c9856eff3526";
/** SHA-256 over the tags of the same bytes as keys: with {@link SCALAR} for a secret, then with the bytes backwards. */
const TAGS = "444e11f7a6bd70503f40f55255604f23b53b796a56faf6b7b2b863a74907c1af";

/** SHA-256 over the SHA-512 digests of {@link HASHED_SIZES} bytes of the same, two messages each. */
const HASHES = "9301420628c7f06affdb9822ea368ba12173f2947309cedd2c0c80b8b08c8466";
/** Around the ends of blocks and of what leaves room for padding. */
const HASHED_SIZES = [0, 1, 111, 112, 127, 128, 239, 240, 300] as const;

/** SHA-256 over {@link scalarAnswers} as BigInt has them. */
const SCALARS = "650cd1e85d85e0d3cb908a8bece3c60e78508b3e59bc4b231510a49502905fd3";

const SCALAR = hash32("stg/test/known-scalar");

/** The u-coordinates that are tried, 32 bytes each. */
export function knownPoints(): Uint8Array {
  const edges = new Set<bigint>([0n, 1n, 2n, 9n, 2n ** 255n - 1n, 2n ** 256n - 1n]);
  for (const near of [-2n, -1n, 0n, 1n, 2n]) {
    edges.add(FIELD_ORDER + near);
    for (const width of LIMB_WIDTHS) {
      for (let limb = 1; limb * width < 255; limb++) {
        const bit = BigInt(Math.ceil(limb * width));
        // A power of two, and a limb of ones alone.
        edges.add(2n ** bit + near).add(2n ** bit - 2n ** (bit - BigInt(Math.floor(width))) + near);
      }
    }
  }
  const random = Array.from({ length: RANDOM_COUNT }, (_, index) => hash32("stg/test/known-point", u8(index)));
  return concatBytes(...[...edges].map(littleEndian), ...SMALL_ORDER.map(parseHex), ...random);
}

/** What {@link knowsItsAnswers} asks a backend for. */
export type AskedBackend = AskedElements &
  AskedSecrets &
  Pick<CurveBackend, "x25519Batch" | "tagsBatch" | "sha512Batch" | "scalars">;

/** Whether a backend multiplies, hashes and adds as all others do, points and numbers modulo ℓ. Takes some milliseconds. */
export function knowsItsAnswers(curve: AskedBackend): boolean {
  const points = knownPoints();
  const tags = [curve.tagsBatch(SCALAR, points), curve.tagsBatch(points.toReversed(), points)];
  const hashes = HASHED_SIZES.map((size) => curve.sha512Batch(points.subarray(0, 2 * size), 2));
  return (
    formatHex(sha256Hash(curve.x25519Batch(SCALAR, points))) === PRODUCTS &&
    formatHex(sha256Hash(...tags)) === TAGS &&
    formatHex(sha256Hash(...hashes)) === HASHES &&
    formatHex(sha256Hash(...scalarAnswers(curve.scalars))) === SCALARS &&
    knowsItsElements(curve, points) &&
    knowsItsSecrets(curve, points)
  );
}

/** What every operation modulo ℓ makes of numbers at the edges of limbs and of some hashes. */
function scalarAnswers(scalars: ScalarArithmetic): Uint8Array[] {
  const edges: bigint[] = [2n, GROUP_ORDER - 1n, GROUP_ORDER - 2n, 2n ** 252n];
  for (let bit = 28n; bit < 252n; bit += 28n) edges.push(2n ** bit - 1n, 2n ** bit, GROUP_ORDER - 2n ** bit);
  const hashes = Array.from({ length: RANDOM_COUNT }, (_, index) => taggedHash("stg/test/known-number", u8(index)));
  const wide = scalars.reduceWide(concatBytes(...hashes, new Uint8Array(64).fill(255)));
  const numbers = joinScalars(...edges.map(scalarOf), wide);
  const [backwards, first] = [joinScalars(...splitScalars(numbers).reverse()), scalarAt(numbers, 0)];
  const factors = sliceScalars(numbers, 1, 9);
  const expansion = scalars.expand(first, factors);
  return [
    wide,
    scalars.add(numbers, backwards),
    scalars.subtract(numbers, backwards),
    scalars.multiply(numbers, backwards),
    scalars.multiplyAdd(numbers, backwards, scalarAt(numbers, 1)),
    scalars.dot(numbers, backwards),
    scalars.product(numbers),
    scalars.squarings(first, 20),
    scalars.squarings(factors, 3),
    expansion,
    scalars.run(knownProgram(scalarCount(numbers)), joinScalars(numbers, backwards)),
    scalars.invert(numbers),
  ];
}

/** Products of so many numbers and as many others, and sums of more than are added up without a carry. */
function knownProgram(count: number): ScalarProgram {
  const program = new ScalarProgram(2 * count);
  const [a, b, results] = [program.input(count), program.input(count), program.takeResults(count + 3)];
  program.multiplyAdd(count, a, b, still(a), results);
  program.sumProducts(3, 20, { ...a, next: 20 * a.step }, { ...b, next: b.step }, from(results, count));
  return program;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, byte) => Number((value >> BigInt(8 * byte)) & 255n));
}
