import { concatBytes } from "../bytes/concat-bytes.ts";
import { u8 } from "../bytes/writer.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { RANGE_BITS } from "./range-proof.ts";
import type { ProofColumns } from "./range-proof-columns.ts";
import { hasZero, sliceScalars, type ScalarVector } from "./scalar-vector.ts";
import { taggedHashes } from "./tagged-hash.ts";

/** Challenges of many proofs, a column for each: the first round, which folded the highest bit, comes last. */
export interface Challenges {
  readonly y: ScalarVector;
  /** e_g … e_1 */
  readonly rounds: ScalarVector;
  readonly z: ScalarVector;
  readonly e: ScalarVector;
  /** All of these columns, in this order. */
  readonly all: ScalarVector;
}

/**
 * Draws the challenges of many proofs (RG-2) as {@link RangeProofTranscript} does those of one, step by step of all of them
 * together. Undefined where one is zero.
 */
export function drawChallenges(curve: CurveBackend, proofs: ProofColumns): Challenges | undefined {
  const { count, head, rounds, valueCount } = proofs;
  const [a, a1, b1] = head;
  const [bits, values] = [u8(RANGE_BITS), u8(valueCount)].map((byte) => new Uint8Array(count).fill(byte[0]!));
  const { chainIds, contexts, commitments } = proofs;
  let state = taggedHashes(curve, "stg/bpp", count, chainIds, bits!, values!, contexts, commitments, a);
  const draw = (tag: string, ...items: readonly Uint8Array[]): Uint8Array =>
    (state = taggedHashes(curve, tag, count, state, ...items));
  const [y, z] = [draw("stg/bpp/y"), draw("stg/bpp/z")];
  const drawn = rounds.map(([left, right]) => draw("stg/bpp/r", left, right));
  const all = curve.scalars.reduceWide(concatBytes(y, ...drawn.reverse(), z, draw("stg/bpp/e", a1, b1)));
  if (hasZero(all)) return undefined;
  const cut = count * (1 + rounds.length);
  return {
    y: sliceScalars(all, 0, count),
    rounds: sliceScalars(all, count, cut),
    z: sliceScalars(all, cut, cut + count),
    e: sliceScalars(all, cut + count),
    all,
  };
}
