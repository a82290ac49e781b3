import type { ValidatorSet } from "../chain/validator-set.ts";
import type { Height, TimeMs } from "../values/height.ts";
import type { LedgerTip } from "./ledger-tip.ts";

/** What a boundary began: who votes at the heights behind it. */
export interface BoundarySeats {
  readonly height: Height;
  readonly time: TimeMs;
  readonly validators: ValidatorSet;
}

/**
 * Boundaries within evidence_ms, ascending; the newest always. Evidence is judged by them and by nothing else of the past
 * (ST-4), so a node that lacks one of them judges otherwise than the rest: whoever begins from a snapshot needs the
 * headers and sets of these boundaries with it.
 */
export type SeatHistory = readonly BoundarySeats[];

/** Who voted at a height; undefined where the history does not reach. */
export function seatsAt(history: SeatHistory, at: Height): BoundarySeats | undefined {
  return history.findLast(({ height }) => height < at);
}

/** The history behind a boundary block. What it is too late for, by the time of that block, is forgotten. */
export function withBoundary(history: SeatHistory, { chain, header, nextValidators }: LedgerTip): SeatHistory {
  const { height, time } = header;
  const kept = history.filter((each) => time - each.time <= chain.params.evidenceMs);
  return [...kept, { height, time, validators: nextValidators }];
}
