import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import type { Scalar } from "../../src/core/crypto/scalar.ts";
import type { ScalarVector } from "../../src/core/crypto/scalar-vector.ts";

/**
 * A backend whose hashes to one scalar give the numbers of a list in their order, so that provers of different
 * secrets meet the same challenges, which everybody sees. `restart` begins the list again.
 */
export function scriptedChallenges(
  curve: CurveBackend,
  challenges: readonly Scalar[],
): { readonly curve: CurveBackend; restart(): void } {
  let next = 0;
  const { scalars } = curve;
  const reduceWide = (wide: Uint8Array): ScalarVector =>
    wide.length === 64 ? (challenges[next++]! as unknown as ScalarVector) : scalars.reduceWide(wide);
  return { curve: { ...curve, scalars: { ...scalars, reduceWide } }, restart: () => void (next = 0) };
}
