import { joinItems } from "../bytes/concat-bytes.ts";
import { u32 } from "../bytes/writer.ts";
import { isRangeProof, roundCount, type RangeClaim } from "./range-proof.ts";
import type { ScalarVector } from "./scalar-vector.ts";

const ITEM_SIZE = 32;
/** Items of a proof by their places (RG-4): A, A1, B1, then r', s', δ', then L_1, R_1, … */
const HEAD = [0, 1, 2] as const;
const RESPONSES = [3, 4, 5] as const;
const ROUNDS = 6;

/**
 * Proofs of equally many values, whose sizes and scalars are right (RG-4), item by item: a column has the same item of all
 * of them, one after the other.
 */
export interface ProofColumns {
  readonly count: number;
  readonly valueCount: number;
  /** u32 each. */
  readonly chainIds: Uint8Array;
  readonly contexts: Uint8Array;
  /** V_1 ‖ … ‖ V_m each. */
  readonly commitments: Uint8Array;
  /** A, A1, B1. */
  readonly head: readonly [Uint8Array, Uint8Array, Uint8Array];
  /** L_k and R_k of each round. */
  readonly rounds: readonly (readonly [Uint8Array, Uint8Array])[];
  /** Columns one after the other: V_1 … V_m, A, A1, B1, L_g … L_1, R_g … R_1. */
  readonly points: Uint8Array;
  /** The same of r', s', δ'. */
  readonly responses: ScalarVector;
}

/** Splits proofs of equally many values; undefined where one of them is malformed (RG-2, RG-4). */
export function proofColumns(claims: readonly RangeClaim[]): ProofColumns | undefined {
  const [count, valueCount] = [claims.length, claims[0]!.commitments.length];
  const g = roundCount(valueCount);
  if (g === undefined || !claims.every((claim) => isWellFormed(claim, valueCount))) return undefined;
  const lefts = Array.from({ length: g }, (_, round) => ROUNDS + 2 * (g - 1 - round));
  const order = [...HEAD, ...lefts, ...lefts.map((left) => left + 1), ...RESPONSES];
  const size = ITEM_SIZE * count;
  const all = new Uint8Array(size * (valueCount + order.length));
  claims.forEach(({ commitments, proof }, index) => {
    let to = ITEM_SIZE * index;
    // Byte by byte, which is quicker than a view of each item.
    const put = (from: Uint8Array, start: number): void => {
      for (let byte = 0; byte < ITEM_SIZE; byte++) all[to + byte] = from[start + byte]!;
      to += size;
    };
    for (const commitment of commitments) put(commitment, 0);
    for (const item of order) put(proof, ITEM_SIZE * item);
  });
  const column = (place: number): Uint8Array => all.subarray(size * place, size * (place + 1));
  const [head, firstLeft, firstRight] = [valueCount, valueCount + 3, valueCount + 3 + g];
  return {
    count,
    valueCount,
    chainIds: joinItems(claims.map(({ chainId }) => u32(chainId))),
    contexts: joinItems(claims.map(({ context }) => context)),
    commitments: joinItems(claims.flatMap(({ commitments }) => commitments)),
    head: [column(head), column(head + 1), column(head + 2)],
    rounds: lefts.map((_, k) => [column(firstLeft + g - 1 - k), column(firstRight + g - 1 - k)]),
    points: all.subarray(0, size * (firstRight + g)),
    responses: all.subarray(size * (firstRight + g)) as ScalarVector,
  };
}

function isWellFormed({ context, commitments, proof }: RangeClaim, valueCount: number): boolean {
  return (
    context.length === 32 &&
    commitments.every((commitment) => commitment.length === ITEM_SIZE) &&
    isRangeProof(proof, valueCount)
  );
}
