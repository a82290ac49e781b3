import type { NetworkParams } from "../params/network-params.ts";
import { timeMs, type TimeMs } from "../values/height.ts";
import type { ConsensusState } from "./consensus-state.ts";

/** Rounds beyond this wait no longer than this one (CO-13). */
const TIMEOUT_ROUND_MAX = 20;
/** How long a validator holds a transaction before it expects the proposer to have it too (CO-15). */
export const TRANSACTION_HELD_MS = 500;

/** [CO-13] T_propose. */
export function proposeTimeoutMs(params: NetworkParams, round: number): number {
  return params.proposeMs + Math.min(round, TIMEOUT_ROUND_MAX) * params.proposeStepMs;
}

/** [CO-13] T_prevote = T_precommit. */
export function voteTimeoutMs(params: NetworkParams, round: number): number {
  return params.voteMs + Math.min(round, TIMEOUT_ROUND_MAX) * params.voteStepMs;
}

/** Earliest time of a child of the parent (CO-2). */
export function earliestBlockTime(params: NetworkParams, state: ConsensusState): TimeMs {
  return timeMs(state.parent.time + params.minBlockMs);
}

/** [CO-15] When round 0 begins in earnest: its proposer proposes, the others arm T_propose. */
export function paceMoment(params: NetworkParams, state: ConsensusState, isProposer: boolean): TimeMs {
  const earliest = earliestBlockTime(params, state);
  const moments = [state.parent.time + params.emptyBlockMs, state.epochStart + params.epochMs];
  if (state.hasUndrawnClaims) moments.push(earliest);
  if (state.transactionsSince !== undefined) {
    moments.push(state.transactionsSince + (isProposer ? 0 : TRANSACTION_HELD_MS));
  }
  return timeMs(Math.max(earliest, Math.min(...moments)));
}
