import { isEvenSplit } from "../../core/values/even-split.ts";
import type { Amount } from "../../core/values/amount.ts";

/** One share of a packet, as whoever made it sees it: what it holds, and whether somebody has it by now. */
export interface BoardShare {
  /** From 0, as the chain has them; says nothing of what came first. */
  readonly slot: number;
  readonly amount: Amount;
  readonly isDrawn: boolean;
}

/**
 * The shares of a lucky packet, the largest first. undefined where all are equal: there is no luck to look at.
 * `drawn`: places that somebody has; undefined for a packet that is all opened.
 */
export function packetBoard(
  amounts: readonly Amount[],
  drawn: readonly number[] | undefined,
): readonly BoardShare[] | undefined {
  if (isEvenSplit(amounts)) return undefined;
  const taken = new Set(drawn ?? amounts.keys());
  const shares = amounts.map((amount, slot) => ({ slot, amount, isDrawn: taken.has(slot) }));
  return shares.sort((left, right) => Number(right.amount - left.amount) || left.slot - right.slot);
}

/** Has somebody the largest share, or one of the largest? */
export function isLuckiestDrawn(board: readonly BoardShare[]): boolean {
  return board.some(({ amount, isDrawn }) => isDrawn && amount === board[0]?.amount);
}
