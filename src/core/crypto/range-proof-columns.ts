import { concatBytes, joinItems } from "../bytes/concat-bytes.ts";
import { u32 } from "../bytes/writer.ts";
import { parseRangeProof, type RangeClaim, type RangeProofParts } from "./range-proof.ts";
import type { ScalarVector } from "./scalar-vector.ts";

const ITEM_SIZE = 32;

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
  /** V_1 ‖ … ‖ V_m each, and by themselves: all V_1, all V_2, … */
  readonly commitments: Uint8Array;
  readonly values: readonly Uint8Array[];
  /** A, A1, B1. */
  readonly head: readonly [Uint8Array, Uint8Array, Uint8Array];
  readonly r: ScalarVector;
  readonly s: ScalarVector;
  readonly delta: ScalarVector;
  /** L_k and R_k of each round. */
  readonly rounds: readonly (readonly [Uint8Array, Uint8Array])[];
}

/** Splits proofs of equally many values; undefined where one of them is malformed (RG-2, RG-4). */
export function proofColumns(claims: readonly RangeClaim[]): ProofColumns | undefined {
  const parts: RangeProofParts[] = [];
  for (const { commitments, context, proof } of claims) {
    if (context.length !== 32 || commitments.some((commitment) => commitment.length !== ITEM_SIZE)) return undefined;
    const own = parseRangeProof(proof, commitments.length);
    if (own === undefined) return undefined;
    parts.push(own);
  }
  const { rounds } = parts[0]!;
  const column = (pick: (own: RangeProofParts) => Uint8Array): Uint8Array => joinItems(parts.map(pick));
  const lists = claims.map(({ commitments }) => commitments);
  return {
    count: claims.length,
    valueCount: lists[0]!.length,
    chainIds: concatBytes(...claims.map(({ chainId }) => u32(chainId))),
    contexts: joinItems(claims.map(({ context }) => context)),
    commitments: joinItems(lists.flat()),
    values: lists[0]!.map((_, place) => joinItems(lists.map((list) => list[place]!))),
    head: [column(({ head }) => head[0]), column(({ head }) => head[1]), column(({ head }) => head[2])],
    r: column(({ r }) => r) as ScalarVector,
    s: column(({ s }) => s) as ScalarVector,
    delta: column(({ delta }) => delta) as ScalarVector,
    rounds: rounds.map((_, k) => [column((own) => own.rounds[k]![0]), column((own) => own.rounds[k]![1])]),
  };
}
