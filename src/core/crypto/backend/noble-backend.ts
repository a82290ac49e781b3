import { ed25519, ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { deriveTags } from "../output-keys.ts";
import { bigintOf, ZERO_SCALAR, type Scalar } from "../scalar.ts";
import { factorList } from "../scalar-vector.ts";
import type { CurveBackend, Point, PointTable, SignTable } from "./curve-backend.ts";
import type { Extended } from "./edwards-accumulator.ts";
import { measureMessages } from "./hash-inputs.ts";
import { nobleScalars } from "./noble-scalars.ts";
import { multiplyMontgomery } from "./montgomery-ladder.ts";
import { decodeEdwards, requireEdwards, type EdwardsPoint } from "./noble-edwards.ts";
import { oddMultiples, sumOnce, sumPrepared, sumSigned, WIDTH_ONCE, type OddMultiples } from "./edwards-sums.ts";
import { requireGroups, requireRuns, requireSeries } from "./sum-inputs.ts";
import { measureTagInputs } from "./tag-inputs.ts";

const ELEMENT_SIZE = 32;
/** Points of one table beyond which odd multiples would cost more memory than they save time. */
const TABLE_POINTS_MAX = 600;
/** Tables this small hold bases such as G and H: noble's own regular multiplication serves their secret scalars. */
const BASES_MAX = 4;
/** Odd multiples that are the point alone. */
const WIDTH_OF_ONE = 2;

interface NobleTable extends PointTable {
  readonly points: readonly EdwardsPoint[];
  /** Filled on the first public sum; empty for a table beyond {@link TABLE_POINTS_MAX}. */
  prepared: readonly OddMultiples[] | undefined;
}

interface NobleSigns extends SignTable {
  readonly summands: readonly OddMultiples[];
}

/**
 * The reference backend. It is BigInt arithmetic and so never constant-time: `Secret` methods of one or two points
 * at least run a fixed sequence of point operations, sums over tables and of signs do not even that (PR-9).
 */
export function createNobleBackend(): CurveBackend {
  return backend;
}

const open = (point: Point): EdwardsPoint => point as unknown as EdwardsPoint;
const close = (point: EdwardsPoint): Point => point as unknown as Point;
const wrap = ({ X, Y, Z, T }: Extended): Point => close(new ed25519.Point(X, Y, Z, T));
/** noble hides the Edwards point that stands for a ristretto255 element; sums need its coordinates. */
const edwardsOf = (element: InstanceType<typeof ristretto255.Point>): EdwardsPoint => element["ep"];

function requireSize(bytes: Uint8Array, size: number): void {
  if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes instead of ${size}`);
}

function* split(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length % ELEMENT_SIZE !== 0) throw new RangeError(`${bytes.length} bytes are no list of elements`);
  for (let offset = 0; offset < bytes.length; offset += ELEMENT_SIZE)
    yield bytes.subarray(offset, offset + ELEMENT_SIZE);
}

/** s·P by noble's regular multiplication, which refuses zero. */
function multiplySecret(point: EdwardsPoint, scalar: Scalar): EdwardsPoint {
  const factor = bigintOf(scalar);
  return factor === 0n ? ed25519.Point.ZERO : point.multiply(factor);
}

function sumSecret(points: readonly EdwardsPoint[], scalars: readonly Scalar[]): Point {
  let sum: EdwardsPoint = ed25519.Point.ZERO;
  scalars.forEach((scalar, index) => (sum = sum.add(multiplySecret(points[index]!, scalar))));
  return close(sum);
}

/** Wider digits for smaller tables: a table stays below about 10,000 prepared points. */
function digitWidth(size: number): number {
  return size <= 140 ? 8 : size <= 280 ? 7 : 6;
}

function prepared(table: NobleTable): readonly OddMultiples[] {
  table.prepared ??= table.points.map((point) => oddMultiples(point, digitWidth(table.size)));
  return table.prepared;
}

function requirePairs(points: number, scalars: number): void {
  if (points !== scalars) throw new RangeError(`${scalars} scalars for ${points} points`);
}

function fixedSum(
  table: NobleTable,
  scalars: readonly Scalar[],
  points: readonly Point[],
  more: readonly Scalar[],
): Point {
  if (scalars.length > table.size) throw new RangeError(`${scalars.length} scalars for a table of ${table.size}`);
  requirePairs(points.length, more.length);
  const extra = points.map(open);
  if (table.size > TABLE_POINTS_MAX || points.length > TABLE_POINTS_MAX) {
    return wrap(sumOnce([...table.points.slice(0, scalars.length), ...extra], [...scalars, ...more]));
  }
  const once = extra.map((point) => oddMultiples(point, WIDTH_ONCE));
  return wrap(sumPrepared([...prepared(table).slice(0, scalars.length), ...once], [...scalars, ...more]));
}

const backend: CurveBackend = {
  name: "noble",
  scalars: nobleScalars,

  x25519Batch(scalar, uCoordinates) {
    requireSize(scalar, ELEMENT_SIZE);
    if (uCoordinates.length % ELEMENT_SIZE !== 0) throw new RangeError("no list of coordinates");
    return multiplyMontgomery(scalar, uCoordinates);
  },

  x25519Secret(scalar, uCoordinate) {
    requireSize(scalar, ELEMENT_SIZE);
    requireSize(uCoordinate, ELEMENT_SIZE);
    return multiplyMontgomery(scalar, uCoordinate);
  },

  tagsBatch(secrets, ephemeralKeys) {
    const { count, secretStep } = measureTagInputs(secrets, ephemeralKeys);
    const tags = new Uint8Array(64 * count);
    for (let index = 0; index < count; index++) {
      const secret = secrets.subarray(secretStep * index, secretStep * index + ELEMENT_SIZE);
      const key = ephemeralKeys.subarray(ELEMENT_SIZE * index, ELEMENT_SIZE * (index + 1));
      tags.set(deriveTags(secret, key), 64 * index);
    }
    return tags;
  },

  sha512Batch(messages, count) {
    const size = measureMessages(messages, count);
    const digests = new Uint8Array(64 * count);
    for (let index = 0; index < count; index++) {
      digests.set(sha512(messages.subarray(size * index, size * (index + 1))), 64 * index);
    }
    return digests;
  },

  ristrettoDecode(encodings) {
    const points: Point[] = [];
    for (const encoding of split(encodings)) {
      // The size is right, so the only thing left to throw for is a non-canonical encoding.
      try {
        points.push(close(edwardsOf(ristretto255.Point.fromBytes(encoding))));
      } catch {
        return undefined;
      }
    }
    return points;
  },
  ristrettoEncode: (points) => concatBytes(...points.map((point) => new ristretto255.Point(open(point)).toBytes())),
  ristrettoFromHash(bytes) {
    requireSize(bytes, 64);
    return close(edwardsOf(ristretto255_hasher.deriveToCurve!(bytes)));
  },
  ristrettoBase: () => close(ed25519.Point.BASE),
  isIdentity: (point) => new ristretto255.Point(open(point)).is0(),

  msm(points, factors) {
    const scalars = factorList(factors);
    requirePairs(points.length, scalars.length);
    return wrap(sumOnce(points.map(open), scalars));
  },
  msmSecret(points, scalars) {
    requirePairs(points.length, scalars.length);
    return sumSecret(points.map(open), scalars);
  },
  prepareTable(points) {
    const isBases = points.length <= BASES_MAX;
    const own = points.map((point) => (isBases ? open(point).precompute(6) : open(point)));
    return { size: own.length, points: own, prepared: undefined } as unknown as NobleTable;
  },
  fixedMsm: (table, scalars, points = [], more = []) =>
    fixedSum(table as NobleTable, factorList(scalars), points, factorList(more)),
  fixedMsmSeries(table, scalars, series) {
    requireSeries(table, scalars, series);
    const { places, step, count } = series;
    const own = table as NobleTable;
    return Array.from({ length: count }, (_, index) => {
      const used = places.map((place) => place + index * step);
      if (own.size > TABLE_POINTS_MAX) return wrap(sumOnce(used.map((place) => own.points[place]!), scalars)); // prettier-ignore
      const tables = prepared(own);
      return wrap(sumPrepared(used.map((place) => tables[place]!), scalars)); // prettier-ignore
    });
  },
  fixedMsmSecret(table, some) {
    const own = table as NobleTable;
    const scalars = some.map((scalar) => scalar ?? ZERO_SCALAR);
    if (scalars.length > own.size) throw new RangeError(`${scalars.length} scalars for a table of ${own.size}`);
    return own.size <= BASES_MAX ? sumSecret(own.points, scalars) : fixedSum(own, scalars, [], []);
  },

  prepareSigns(points) {
    requireGroups(points.length);
    const summands = points.map((point) => oddMultiples(open(point), WIDTH_OF_ONE));
    return { size: points.length, summands } as unknown as NobleSigns;
  },
  signSums(table, signs, sums) {
    requireRuns(table, signs, sums);
    return sums.map((runs) => wrap(sumSigned((table as NobleSigns).summands, signs, runs)));
  },

  edwardsIsPrimeOrder(encoding) {
    const point = decodeEdwards(encoding);
    return point !== undefined && !point.is0() && point.isTorsionFree();
  },
  edwardsToMontgomery(encoding) {
    // RFC 7748 §4.1; the identity, where 1 − y has no inverse, is sent to 0 as in Curve25519 itself.
    const { y } = requireEdwards(encoding);
    const { Fp } = ed25519.Point;
    return y === 1n ? new Uint8Array(ELEMENT_SIZE) : Fp.toBytes(Fp.div(1n + y, Fp.sub(1n, y)));
  },
  edwardsToRistretto: (encoding) => close(requireEdwards(encoding)),
  edwardsMultiplySecret: (encoding, scalar) => multiplySecret(requireEdwards(encoding), scalar).toBytes(),
  edwardsBaseMultiplySecret: (scalar) => multiplySecret(ed25519.Point.BASE, scalar).toBytes(),
};
