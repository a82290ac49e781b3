import { formatHex } from "../../bytes/hex.ts";
import { u8 } from "../../bytes/writer.ts";
import { scalarOf, type Scalar } from "../scalar.ts";
import { hash32, hashToScalar, sha256Hash } from "../tagged-hash.ts";
import type { CurveBackend } from "./curve-backend.ts";

/** What a backend must answer of secret scalars by themselves, before it is trusted with any (`known-answers.ts`). */

/** What {@link knowsItsSecrets} asks a backend for. */
export type AskedSecrets = Pick<CurveBackend, "scalars" | "x25519Secret" | "edwardsBaseMultiplySecret">;

/** SHA-256 over {@link secretAnswers}, as the noble backend and RFC 7748 have them. */
const SECRETS = "dd051111d6b44fca0a1bbcef02470453dab44ded8af336229783eaa59cf775c7";
/** Key agreements, a tenth of a millisecond each: the first points of the list, which are the oddest, and every so many. */
const FIRST = 6;
const STEP = 20;
const MULTIPLES = 6;

/** Whether a backend multiplies by secret scalars as all others do. `points` are u-coordinates, 32 bytes each. */
export function knowsItsSecrets(curve: AskedSecrets, points: Uint8Array): boolean {
  return formatHex(sha256Hash(...secretAnswers(curve, points))) === SECRETS;
}

/** Key agreements, each product the next scalar; then encodings of either sign. */
function secretAnswers(curve: AskedSecrets, points: Uint8Array): Uint8Array[] {
  const products: Uint8Array[] = [];
  let scalar: Uint8Array = hash32("stg/test/known-secret");
  for (let index = 0; 32 * index < points.length; index += index < FIRST ? 1 : STEP) {
    scalar = curve.x25519Secret(scalar, points.subarray(32 * index, 32 * index + 32));
    products.push(scalar);
  }
  const factors = Array.from({ length: MULTIPLES }, (_, index): Scalar =>
    hashToScalar(curve, "stg/test/known-multiple", u8(index)),
  );
  const edges = [0n, 1n, -1n].map(scalarOf);
  return [...products, ...[...edges, ...factors].map((factor) => curve.edwardsBaseMultiplySecret(factor))];
}
