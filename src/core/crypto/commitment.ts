import { u64 } from "../bytes/writer.ts";
import type { CurveBackend, Point, PointTable } from "./backend/curve-backend.ts";
import { SCALAR_SIZE, scalarOf, ZERO_SCALAR, type Scalar } from "./scalar.ts";
import { taggedHash } from "./tagged-hash.ts";

/** G and H of PR-2: nobody knows a number h with H = h·G, since H comes out of a hash. */
export interface CommitmentGenerators {
  /** Carries the blinding factor. */
  readonly blinding: Point;
  /** Carries the value. */
  readonly value: Point;
  /** Both, in this order. */
  readonly table: PointTable;
}

/** Points belong to the backend that made them, so each backend has its own pair. */
const generatorsOf = new WeakMap<CurveBackend, CommitmentGenerators>();

export function commitmentGenerators(curve: CurveBackend): CommitmentGenerators {
  const known = generatorsOf.get(curve);
  if (known !== undefined) return known;
  const blinding = curve.ristrettoBase();
  const value = curve.ristrettoFromHash(taggedHash("stg/gen/H"));
  const generators = { blinding, value, table: curve.prepareTable([blinding, value]) };
  generatorsOf.set(curve, generators);
  return generators;
}

/**
 * C = z·G + a·H (PR-2), for a secret amount below 2^64, else RangeError. The amount is taken as the bytes it is: nothing is
 * calculated with it but the sum (PR-9).
 */
export function commit(curve: CurveBackend, blinding: Scalar, value: bigint): Point {
  const amount = new Uint8Array(SCALAR_SIZE);
  amount.set(u64(value));
  return curve.fixedMsmSecret(commitmentGenerators(curve).table, [blinding, amount as Scalar]);
}

/** a·H: what a clear amount counts for in a balance (table of 2.1). */
export function commitPublic(curve: CurveBackend, value: bigint): Point {
  return curve.fixedMsm(commitmentGenerators(curve).table, [ZERO_SCALAR, scalarOf(value)]);
}
