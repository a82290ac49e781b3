import { concatBytes } from "../../bytes/concat-bytes.ts";
import { formatHex, parseHex } from "../../bytes/hex.ts";
import { u8 } from "../../bytes/writer.ts";
import { reduceScalar, scalarOf, type Scalar } from "../scalar.ts";
import { sha256Hash, taggedHash } from "../tagged-hash.ts";
import type { CurveBackend, Point } from "./curve-backend.ts";

/** What a backend must answer of ristretto255 and of Edwards points, before it is trusted with any (`known-answers.ts`). */

/** What {@link knowsItsElements} asks a backend for. */
export type AskedElements = Pick<
  CurveBackend,
  | "ristrettoFromHash"
  | "ristrettoEncode"
  | "ristrettoDecode"
  | "isIdentity"
  | "prepareTable"
  | "msm"
  | "msmSecret"
  | "fixedMsm"
  | "fixedMsmSeries"
  | "fixedMsmSecret"
  | "prepareSigns"
  | "signSums"
  | "edwardsToRistretto"
  | "edwardsMultiplySecret"
  | "edwardsBaseMultiplySecret"
>;

/** SHA-256 over {@link elementAnswers}, as the noble backend has them. */
const ELEMENTS = "0beb5616dfed2c09a3e7972ed2d9a60366d9cc84eb4a366a8b69433bebcf5b72";
const MAPPED = 33;
const SUMMED = 9;
/** More points than a kernel takes one by one (`edwards-public-sums.ts`). */
const MANY = 11 * MAPPED;
const SCALAR_EDGES = [-1n, 2n ** 252n, 0x8888n, 0n] as const;

/** No encodings of any element: one of each kind in RFC 9496, appendix A.2. */
const NO_ELEMENTS = [
  // Not below p.
  "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  // Negative.
  "0100000000000000000000000000000000000000000000000000000000000000",
  // x² is no square.
  "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
  // x·y is negative.
  "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
  // y = 0.
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
] as const;
/** A public key of RFC 8032, §7.1 (test 1). */
const EDWARDS_KEY = parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

/** Whether a backend has the known elements, sums and refusals. `inputs` are 64 bytes and more for each element it maps. */
export function knowsItsElements(curve: AskedElements, inputs: Uint8Array): boolean {
  const mapped = Array.from({ length: MAPPED }, (_, index) =>
    curve.ristrettoFromHash(inputs.subarray(64 * index, 64 * index + 64)),
  );
  const encodings = curve.ristrettoEncode(mapped);
  // Odd numbers of elements, so that a lane stays free.
  const points = curve.ristrettoDecode(encodings.subarray(0, 32 * SUMMED));
  return (
    points !== undefined &&
    refusesNoElements(curve, encodings.subarray(0, 32)) &&
    knowsTheIdentity(curve, points) &&
    formatHex(sha256Hash(encodings, ...elementAnswers(curve, mapped, points))) === ELEMENTS
  );
}

/** Beside a good encoding, in either place: kernels decode two at once. */
function refusesNoElements(curve: AskedElements, good: Uint8Array): boolean {
  return NO_ELEMENTS.map(parseHex).every((bad) =>
    [concatBytes(bad, good), concatBytes(good, bad)].every((both) => curve.ristrettoDecode(both) === undefined),
  );
}

/** Proofs and signatures hold where a sum is the identity (PR-3, RG-6). */
function knowsTheIdentity(curve: AskedElements, points: readonly Point[]): boolean {
  const point = points.at(-1)!;
  const identities = [
    curve.msm([point, point], [scalarOf(1n), scalarOf(-1n)]),
    curve.msm([], []),
    ...(curve.ristrettoDecode(new Uint8Array(32)) ?? [point]),
  ];
  return identities.every((each) => curve.isIdentity(each)) && !points.some((each) => curve.isIdentity(each));
}

/** Sums in all the ways there are, and multiples of Edwards points: 32 bytes each. */
function elementAnswers(curve: AskedElements, mapped: readonly Point[], points: readonly Point[]): Uint8Array[] {
  const hashes = Array.from({ length: SUMMED }, (_, index) => taggedHash("stg/test/known-factor", u8(index)));
  const scalars = hashes.map((hash, index): Scalar =>
    index < SCALAR_EDGES.length ? scalarOf(SCALAR_EDGES[index]!) : reduceScalar(hash),
  );
  // As weights of a batch are.
  const short = hashes.map((hash) => reduceScalar(hash.subarray(0, 16)));
  const many = Array.from({ length: MANY }, (_, index) => index);
  const table = curve.prepareTable(points.slice(0, 5));
  const [factor, other] = [scalars.at(-1)!, scalars.at(-2)!];
  const sums = [
    curve.msm(points, scalars),
    curve.fixedMsm(table, scalars.slice(0, 5), points.slice(5), scalars.slice(5)),
    curve.msmSecret(points.slice(4), scalars.slice(4)),
    curve.fixedMsmSecret(table, scalars.slice(2, 7)),
    curve.fixedMsmSecret(curve.prepareTable(points.slice(0, 2)), scalars.slice(5, 7)),
    curve.msm(points, short),
    curve.msm(
      many.map((index) => mapped[index % MAPPED]!),
      many.map((index) => (index % 2 === 0 ? scalars : short)[index % SUMMED]!),
    ),
    // A table as long as those of range proofs are, whose summands a kernel makes affine.
    curve.fixedMsm(
      curve.prepareTable(mapped),
      mapped.map((_, index) => scalars[index % SUMMED]!),
      points,
      short,
    ),
    curve.edwardsToRistretto(EDWARDS_KEY),
    ...curve.fixedMsmSeries(table, scalars.slice(-3), { places: [3, 0, 1], step: 1, count: 2 }),
    ...signSums(curve, points.slice(0, 8)),
  ];
  return [
    curve.ristrettoEncode(sums),
    curve.edwardsMultiplySecret(EDWARDS_KEY, factor),
    curve.edwardsBaseMultiplySecret(other),
  ];
}

/** All sixteen ways to choose four signs, over eight points. */
function signSums(curve: AskedElements, points: readonly Point[]): readonly Point[] {
  const signs = Uint8Array.from({ length: 64 }, (_, index) => ((index >> 2) >> (index & 3)) & 1);
  const runs = Array.from({ length: 8 }, (_, group) => [
    { sign: 8 * group, point: 0, count: 8 },
    { sign: (8 * group + 36) % 64, point: 4, count: 4 },
  ]);
  return curve.signSums(curve.prepareSigns(points), signs, runs);
}
