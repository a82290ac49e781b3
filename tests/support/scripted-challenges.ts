import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import type { Scalar } from "../../src/core/crypto/scalar.ts";
import type { ScalarVector } from "../../src/core/crypto/scalar-vector.ts";

/**
 * A backend whose hashes to one scalar give the numbers of a list in their order, so that provers of different
 * secrets meet the same challenges, which everybody sees. `restart` begins the list again; one too few is a test's mistake.
 */
export function scriptedChallenges(
  curve: CurveBackend,
  challenges: readonly Scalar[],
): { readonly curve: CurveBackend; restart(): void } {
  let next = 0;
  const { scalars } = curve;
  const reduceWide = (wide: Uint8Array): ScalarVector => {
    if (wide.length !== 64) return scalars.reduceWide(wide);
    const challenge = challenges[next++];
    if (challenge === undefined) throw new RangeError(`challenge ${next} of ${challenges.length}`);
    return challenge as unknown as ScalarVector;
  };
  return { curve: { ...curve, scalars: { ...scalars, reduceWide } }, restart: () => void (next = 0) };
}
