import { concatBytes } from "../bytes/concat-bytes.ts";
import { u8 } from "../bytes/writer.ts";
import type { Scalar } from "./scalar.ts";
import { parseScalar } from "./scalar.ts";
import { hash32 } from "./tagged-hash.ts";

/** Bits of one value (RG-1). */
export const RANGE_BITS = 64;
/** Values of one aggregate (RG-1). */
export const RANGE_PROOF_VALUES_MAX = 64;
/** Every value is below this. */
export const RANGE_LIMIT = 1n << 64n;

/** What a proof speaks about. */
export interface RangeStatement {
  readonly chainId: number;
  /** ctx of RG-3: ties the proof to its output. */
  readonly context: Uint8Array;
  /** V_1 … V_m, 32 bytes each; m a power of two. */
  readonly commitments: readonly Uint8Array[];
}

/** One proof to check. */
export interface RangeClaim extends RangeStatement {
  readonly proof: Uint8Array;
}

/** The parts of a proof (RG-4). Points are still bytes: a batch decodes them all at once. */
export interface RangeProofParts {
  /** A, A1, B1. */
  readonly head: readonly [Uint8Array, Uint8Array, Uint8Array];
  readonly r: Scalar;
  readonly s: Scalar;
  readonly delta: Scalar;
  /** L_k, R_k of each round. */
  readonly rounds: readonly (readonly [Uint8Array, Uint8Array])[];
}

/** Halvings of 64·m entries: log2 N. Undefined unless m is a power of two within 1 … 64 (RG-1). */
export function roundCount(valueCount: number): number | undefined {
  const rounds = Math.log2(RANGE_BITS * valueCount);
  return Number.isInteger(rounds) && valueCount >= 1 && valueCount <= RANGE_PROOF_VALUES_MAX ? rounds : undefined;
}

/** 192 + 64·g bytes (RG-4): 576 for one value. */
export function rangeProofSize(valueCount: number): number {
  const rounds = roundCount(valueCount);
  if (rounds === undefined) throw new RangeError(`cannot prove ${valueCount} values at once`);
  return 192 + 64 * rounds;
}

/** ctx of a coin's proof (RG-3): type, P and D. */
export function outputRangeContext(type: number, oneTimeKey: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return hash32("stg/bpp/out", u8(type), oneTimeKey, ephemeralKey);
}

/** ctx of a packet's aggregate (RG-3): Q, P_refund and D. */
export function packetRangeContext(packetKey: Uint8Array, refundKey: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return hash32("stg/bpp/rp", packetKey, refundKey, ephemeralKey);
}

export function encodeRangeProof(parts: RangeProofParts): Uint8Array {
  return concatBytes(...parts.head, parts.r, parts.s, parts.delta, ...parts.rounds.flat());
}

/** Whether size and scalars are those of a proof for `valueCount` values (RG-4). */
export function isRangeProof(bytes: Uint8Array, valueCount: number): boolean {
  const isScalar = (index: number): boolean => parseScalar(bytes.subarray(32 * index, 32 * index + 32)) !== undefined;
  return (
    roundCount(valueCount) !== undefined &&
    bytes.length === rangeProofSize(valueCount) &&
    isScalar(3) &&
    isScalar(4) &&
    isScalar(5)
  );
}

/** Splits a proof for `valueCount` values; undefined if size or a scalar is wrong (RG-4). */
export function parseRangeProof(bytes: Uint8Array, valueCount: number): RangeProofParts | undefined {
  if (!isRangeProof(bytes, valueCount)) return undefined;
  const part = (index: number): Uint8Array => bytes.slice(32 * index, 32 * index + 32);
  const [r, s, delta] = [part(3), part(4), part(5)] as [Scalar, Scalar, Scalar];
  const rounds = Array.from(
    { length: roundCount(valueCount)! },
    (_, round) => [part(6 + 2 * round), part(7 + 2 * round)] as const,
  );
  return { head: [part(0), part(1), part(2)], r, s, delta, rounds };
}
