import { TX_INPUTS_MAX } from "../params/limits.ts";
import type { Note } from "./note.ts";

/**
 * Chooses coins for a payment: as few as will do, and of all such choices the oldest coins, so that the set of old
 * outputs keeps shrinking. `needed` tells what a payment with that many inputs costs in all, fee included. Same notes,
 * same answer. undefined if no choice reaches it.
 *
 * Fewest inputs keep the fee low, link the fewest coins with each other and leave most notes ready for the same block
 * (TX-10).
 */
export function chooseNotes(
  notes: readonly Note[],
  needed: (inputCount: number) => bigint,
): readonly Note[] | undefined {
  // Empty notes are padding (OU-9): spending them costs more than they hold.
  const oldestFirst = notes.filter((note) => note.amount > 0n).sort((left, right) => left.leaf - right.leaf);
  const countMax = Math.min(oldestFirst.length, TX_INPUTS_MAX);
  const largestFirst = [...oldestFirst].sort(
    (left, right) => Number(right.amount - left.amount) || left.leaf - right.leaf,
  );
  let reached = 0n;
  for (let count = 1; count <= countMax; count++) {
    reached += largestFirst[count - 1]!.amount;
    if (reached >= needed(count)) return oldestOf(oldestFirst, largestFirst, count, needed(count));
  }
  return undefined;
}

/** The choice of `count` notes worth `target` or more whose leaves come first; the caller knows that there is one. */
function oldestOf(oldestFirst: readonly Note[], largestFirst: readonly Note[], count: number, target: bigint): Note[] {
  const chosen: Note[] = [];
  const younger = [...largestFirst];
  let sum = 0n;
  for (const note of oldestFirst) {
    if (chosen.length === count) break;
    younger.splice(younger.indexOf(note), 1);
    // Take a note only if the largest of the younger ones can still make up what is missing.
    const rest = younger.slice(0, count - chosen.length - 1);
    if (chosen.length + 1 + rest.length < count) break;
    if (rest.reduce((total, other) => total + other.amount, sum + note.amount) < target) continue;
    chosen.push(note);
    sum += note.amount;
  }
  if (sum < target) throw new RangeError("no such choice");
  return chosen;
}
