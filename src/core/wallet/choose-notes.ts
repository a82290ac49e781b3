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
  const rest = new LargestLeft(largestFirst, count - 1);
  let sum = 0n;
  for (const note of oldestFirst) {
    // Take a note only if the largest of the younger ones can still make up what is missing.
    rest.remove(note);
    if (!rest.isFull) break;
    if (sum + note.amount + rest.sum < target) continue;
    chosen.push(note);
    sum += note.amount;
    if (chosen.length === count) break;
    rest.shrink();
  }
  if (sum < target) throw new RangeError("no such choice");
  return chosen;
}

/** The sum of the `size` largest of some notes while notes are taken away, in one pass over them all. */
class LargestLeft {
  sum = 0n;
  readonly #notes: readonly Note[];
  readonly #places: ReadonlyMap<Note, number>;
  /** Places before and behind that are still left; 0 is in front of the first, whose place is 1. */
  readonly #before: number[];
  readonly #behind: number[];
  #size: number;
  #held = 0;
  /** Place of the smallest of them; 0 for none. */
  #last = 0;

  constructor(largestFirst: readonly Note[], size: number) {
    this.#notes = largestFirst;
    this.#places = new Map(largestFirst.map((note, index) => [note, index + 1]));
    this.#before = Array.from({ length: largestFirst.length + 2 }, (_, place) => place - 1);
    this.#behind = Array.from({ length: largestFirst.length + 2 }, (_, place) => place + 1);
    this.#size = size;
    this.#fill();
  }

  get isFull(): boolean {
    return this.#held === this.#size;
  }

  remove(note: Note): void {
    const place = this.#places.get(note)!;
    const before = this.#before[place]!;
    const behind = this.#behind[place]!;
    this.#behind[before] = behind;
    this.#before[behind] = before;
    if (place > this.#last) return;
    if (place === this.#last) this.#last = before;
    this.#held--;
    this.sum -= note.amount;
    this.#fill();
  }

  /** One less. */
  shrink(): void {
    this.#size--;
    if (this.#held <= this.#size) return;
    this.sum -= this.#notes[this.#last - 1]!.amount;
    this.#held--;
    this.#last = this.#before[this.#last]!;
  }

  #fill(): void {
    while (this.#held < this.#size && this.#behind[this.#last]! <= this.#notes.length) {
      this.#last = this.#behind[this.#last]!;
      this.sum += this.#notes[this.#last - 1]!.amount;
      this.#held++;
    }
  }
}
