import { meetsPacketWork } from "../crypto/packet-work.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex } from "../values/height.ts";

/** Evaluations of the work in one "try": what a person's tap on a chance packet buys (RP-11). */
export const TRY_EVALUATIONS = 64;
const NONCE_LIMIT = 1n << 64n;

/** What a try is about: plain data, for a worker. */
export interface PacketTryJob {
  readonly packetLeaf: LeafIndex;
  /** Q. */
  readonly packetKey: Uint8Array;
  readonly powBits: number;
  /** A block of the last claim_ref_window ones, and its id: the work counts while it is one (RP-5). */
  readonly refHeight: Height;
  readonly blockId: Hash;
  /** P of the claim that the try is for. */
  readonly oneTimeKey: Uint8Array;
  readonly firstNonce: bigint;
}

/** How far a try has come. */
export type PacketTryState =
  | { readonly status: "running"; readonly evaluated: number }
  /** The nonce goes into the claim. */
  | { readonly status: "won"; readonly evaluated: number; readonly nonce: bigint }
  /** Nothing of it ever leaves the device (RP-11). */
  | { readonly status: "lost"; readonly evaluated: number };

/** Some of a try, as it crosses the port of a worker. */
export interface PacketTryStep {
  readonly job: PacketTryJob;
  readonly state: PacketTryState;
  readonly evaluations: number;
}

export const NEW_TRY: PacketTryState = { status: "running", evaluated: 0 };

/**
 * Some more evaluations of one try, each 4 MiB and some milliseconds. Whoever wants to show progress, or to stop, takes
 * few at a time; a try that is over stays as it is.
 */
export function stepTry(job: PacketTryJob, state: PacketTryState, evaluations: number): PacketTryState {
  if (state.status !== "running") return state;
  const { packetLeaf, blockId, oneTimeKey, packetKey, powBits, firstNonce } = job;
  let { evaluated } = state;
  const end = Math.min(TRY_EVALUATIONS, evaluated + evaluations);
  while (evaluated < end) {
    const nonce = (firstNonce + BigInt(evaluated)) % NONCE_LIMIT;
    evaluated++;
    const isWon = meetsPacketWork({ packetLeaf, blockId, oneTimeKey, nonce }, packetKey, powBits);
    if (isWon) return { status: "won", evaluated, nonce };
  }
  return evaluated === TRY_EVALUATIONS ? { status: "lost", evaluated } : { status: "running", evaluated };
}

/** The chance of one try, 0 to 1: what is shown to whoever makes or opens a chance packet (RP-11). */
export function tryOdds(powBits: number): number {
  // 1 − (1 − p)^64, without losing a small p to rounding.
  return -Math.expm1(TRY_EVALUATIONS * Math.log1p(-(2 ** -powBits)));
}
