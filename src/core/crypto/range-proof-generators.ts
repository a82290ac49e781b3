import { u32 } from "../bytes/writer.ts";
import type { CurveBackend, Point, PointSeries, PointTable } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import { RANGE_BITS } from "./range-proof.ts";
import { taggedHash } from "./tagged-hash.ts";

interface GeneratorCache {
  /** G, H, G_0, H_0, G_1, H_1, …: a shorter table is a prefix of a longer one. */
  readonly points: Point[];
  readonly tables: Map<number, PointTable>;
}

const cacheOf = new WeakMap<CurveBackend, GeneratorCache>();

/**
 * Table of `G, H, G_0, H_0, …, G_{N−1}, H_{N−1}` (RG-1) for proofs of `valueCount` values. Hashing to the group is
 * slow, so each backend keeps its own. Prover and verifier put their scalars in this order.
 */
export function rangeProofTable(curve: CurveBackend, valueCount: number): PointTable {
  let cache = cacheOf.get(curve);
  if (cache === undefined) {
    const { blinding, value } = commitmentGenerators(curve);
    cache = { points: [blinding, value], tables: new Map() };
    cacheOf.set(curve, cache);
  }
  const known = cache.tables.get(valueCount);
  if (known !== undefined) return known;
  const size = RANGE_BITS * valueCount;
  for (let index = (cache.points.length - 2) / 2; index < size; index++) {
    cache.points.push(curve.ristrettoFromHash(taggedHash("stg/bpp/G", u32(index))));
    cache.points.push(curve.ristrettoFromHash(taggedHash("stg/bpp/H", u32(index))));
  }
  const table = curve.prepareTable(cache.points.slice(0, 2 + 2 * size));
  cache.tables.set(valueCount, table);
  return table;
}

/** A series over this table: sum r = 0 … count − 1 is over the G_k or the H_k for k = `indexesᵢ + r·step`. */
export function generatorSeries(kind: "G" | "H", indexes: readonly number[], step: number, count: number): PointSeries {
  const first = kind === "G" ? 2 : 3;
  return { places: indexes.map((index) => first + 2 * index), step: 2 * step, count };
}
