import { ed25519 } from "@noble/curves/ed25519.js";
import { isZeroBytes } from "../../bytes/compare-bytes.ts";
import { parseHex } from "../../bytes/hex.ts";
import { factorCount, factorList } from "../scalar-vector.ts";
import type { CurveBackend, Point, PointTable, SignTable } from "./curve-backend.ts";
import { coordinatesOf, encodeEdwards, fromNoble } from "./edwards-coordinates.ts";
import { EdwardsMemory, type EdwardsKernel, type KernelPoint } from "./edwards-memory.ts";
import { sumFixed, sumPublic } from "./edwards-public-sums.ts";
import { sumSecret, sumSecretTable } from "./edwards-secret-sums.ts";
import { sumSeries } from "./edwards-series-sums.ts";
import { EdwardsSignTable } from "./edwards-sign-sums.ts";
import { EdwardsTable } from "./edwards-table.ts";
import { requireEdwards } from "./noble-edwards.ts";
import { climbSecretLadder } from "./secret-ladder.ts";
import { requireGroups, requireRuns, requireSeries } from "./sum-inputs.ts";

const ELEMENT_SIZE = 32;
const HASH_SIZE = 64;
/** Elements that are decoded or encoded in one call of the kernel. */
const BATCH_ELEMENTS = 512;
const BASE = parseHex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76");

type EdwardsMethods = Pick<
  CurveBackend,
  | "x25519Secret"
  | "ristrettoDecode"
  | "ristrettoEncode"
  | "ristrettoFromHash"
  | "ristrettoBase"
  | "isIdentity"
  | "msm"
  | "msmSecret"
  | "prepareTable"
  | "fixedMsm"
  | "fixedMsmSeries"
  | "fixedMsmSecret"
  | "prepareSigns"
  | "signSums"
  | "edwardsToRistretto"
  | "edwardsMultiplySecret"
  | "edwardsBaseMultiplySecret"
>;

const open = (points: readonly Point[]): readonly KernelPoint[] => points as unknown as readonly KernelPoint[];
const close = (point: KernelPoint): Point => point as unknown as Point;

/**
 * What a backend does with points of ristretto255 and with secret scalars, by a kernel (`kernel/edwards-kernel.ts`): sums of
 * public scalars in variable time, of secret ones in fixed time (PR-9). Edwards encodings are decoded by noble: they are
 * public keys. Of a call nothing stays in the kernel's memory but tables.
 */
export function createEdwardsMethods(kernel: EdwardsKernel): EdwardsMethods {
  const memory = new EdwardsMemory(kernel);

  const decode = (encodings: Uint8Array): readonly KernelPoint[] | undefined => {
    const count = encodings.length / ELEMENT_SIZE;
    try {
      const bytes = memory.take(encodings.length + ELEMENT_SIZE);
      const points = memory.take((count + 1) * memory.pointSize);
      const valid = memory.take(ELEMENT_SIZE * memory.laneCount);
      memory.bytes.set(encodings, bytes);
      kernel.decode(count, bytes, points, valid);
      for (let lane = 0; lane < memory.laneCount; lane++) {
        if (memory.bytes[valid + ELEMENT_SIZE * lane] !== 1) return undefined;
      }
      return memory.readPoints(points, count);
    } finally {
      memory.wipe();
    }
  };
  const encode = (points: readonly KernelPoint[]): Uint8Array => {
    try {
      const from = memory.writePoints(points);
      memory.take(memory.pointSize);
      const to = memory.take(ELEMENT_SIZE * (points.length + 1));
      kernel.encode(points.length, from, to);
      return memory.bytes.slice(to, to + ELEMENT_SIZE * points.length);
    } finally {
      memory.wipe();
    }
  };
  let base: KernelPoint | undefined;
  let edwardsBase: EdwardsTable | undefined;

  return {
    x25519Secret: (scalar, uCoordinate) => climbSecretLadder(kernel, memory, scalar, uCoordinate),
    ristrettoDecode(encodings) {
      if (encodings.length % ELEMENT_SIZE !== 0)
        throw new RangeError(`${encodings.length} bytes are no list of elements`);
      if (!areCanonical(encodings)) return undefined;
      const points: Point[] = [];
      for (let at = 0; at < encodings.length; at += ELEMENT_SIZE * BATCH_ELEMENTS) {
        const decoded = decode(encodings.subarray(at, at + ELEMENT_SIZE * BATCH_ELEMENTS));
        if (decoded === undefined) return undefined;
        for (const point of decoded) points.push(close(point));
      }
      return points;
    },
    ristrettoEncode(points) {
      const encodings = new Uint8Array(ELEMENT_SIZE * points.length);
      for (let start = 0; start < points.length; start += BATCH_ELEMENTS) {
        encodings.set(encode(open(points.slice(start, start + BATCH_ELEMENTS))), ELEMENT_SIZE * start);
      }
      return encodings;
    },
    ristrettoFromHash(bytes) {
      if (bytes.length !== HASH_SIZE) throw new RangeError(`${bytes.length} bytes instead of ${HASH_SIZE}`);
      try {
        const from = memory.take(HASH_SIZE);
        const points = memory.take(2 * memory.pointSize);
        memory.bytes.set(bytes, from);
        kernel.map(2, from, points);
        kernel.sumPoints(points, points + memory.pointSize);
        return close(memory.readPoint(points));
      } finally {
        memory.wipe();
      }
    },
    ristrettoBase: () => close((base ??= decode(BASE)![0]!)),
    isIdentity(point) {
      const [x, y, z] = coordinatesOf(kernel, memory, open([point])[0]!).map(isZeroBytes);
      // All points of the coset have X = 0 or Y = 0 (RFC 9496 §4.5), and no others. Z = 0 is no point at all.
      return (x! || y!) && !z!;
    },

    msm(points, scalars) {
      requirePairs(points.length, factorCount(scalars));
      return close(sumPublic(kernel, memory, open(points), scalars));
    },
    msmSecret(points, scalars) {
      requirePairs(points.length, scalars.length);
      return close(sumSecret(kernel, memory, open(points), scalars));
    },
    prepareTable: (points) => new EdwardsTable(kernel, memory, open(points)) as unknown as PointTable,
    fixedMsm(table, scalars, points = [], more = []) {
      const own = tableOf(table, factorCount(scalars));
      requirePairs(points.length, factorCount(more));
      const odd = own.odd();
      if (odd !== undefined) return close(sumFixed(kernel, memory, odd, scalars, open(points), more));
      const all = [...own.points.slice(0, factorCount(scalars)), ...open(points)];
      return close(sumPublic(kernel, memory, all, [...factorList(scalars), ...factorList(more)]));
    },
    fixedMsmSeries(table, scalars, series) {
      requireSeries(table, scalars, series);
      const own = table as unknown as EdwardsTable;
      return sumSeries(kernel, memory, own.series(), scalars, series).map(close);
    },
    fixedMsmSecret(table, scalars) {
      const own = tableOf(table, scalars.length);
      const secret = own.secret();
      if (secret !== undefined) return close(sumSecretTable(kernel, memory, secret, scalars));
      const used = [...scalars.keys()].filter((index) => scalars[index] !== undefined);
      const points = used.map((index) => own.points[index]!);
      return close(sumSecret(kernel, memory, points, used.map((index) => scalars[index]!))); // prettier-ignore
    },

    prepareSigns(points) {
      requireGroups(points.length);
      return new EdwardsSignTable(kernel, memory, open(points)) as unknown as SignTable;
    },
    signSums(table, signs, sums) {
      requireRuns(table, signs, sums);
      return (table as unknown as EdwardsSignTable).sums(signs, sums).map(close);
    },

    edwardsToRistretto: (encoding) => close(fromNoble(kernel, memory, requireEdwards(encoding))),
    edwardsMultiplySecret(encoding, scalar) {
      const point = fromNoble(kernel, memory, requireEdwards(encoding));
      return encodeEdwards(kernel, memory, sumSecret(kernel, memory, [point], [scalar]));
    },
    edwardsBaseMultiplySecret(scalar) {
      edwardsBase ??= new EdwardsTable(kernel, memory, [fromNoble(kernel, memory, ed25519.Point.BASE)]);
      return encodeEdwards(kernel, memory, sumSecretTable(kernel, memory, edwardsBase.secret()!, [scalar]));
    },
  };
}

function tableOf(table: PointTable, count: number): EdwardsTable {
  if (count > table.size) throw new RangeError(`${count} scalars for a table of ${table.size}`);
  return table as unknown as EdwardsTable;
}

function requirePairs(points: number, scalars: number): void {
  if (points !== scalars) throw new RangeError(`${scalars} scalars for ${points} points`);
}

/** Whether every 32 bytes are a number below p and not negative (RFC 9496 §4.3.1, step 1). */
function areCanonical(encodings: Uint8Array): boolean {
  for (let at = 0; at < encodings.length; at += ELEMENT_SIZE) {
    if ((encodings[at]! & 1) !== 0) return false;
    const top = encodings[at + ELEMENT_SIZE - 1]!;
    if (top < 0x7f) continue;
    if (top > 0x7f) return false;
    if (encodings[at]! >= 0xed && encodings.subarray(at + 1, at + ELEMENT_SIZE - 1).every((byte) => byte === 0xff)) {
      return false;
    }
  }
  return true;
}
