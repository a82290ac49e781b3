import type { SignRun } from "./curve-backend.ts";
import type { EdwardsKernel, EdwardsMemory, KernelPoint } from "./edwards-memory.ts";
import { LISTS, PLACE_SIZE, SECRET_MULTIPLES, SIGN_GROUP, SIGN_RUN_SIZE } from "./kernel/edwards-layout.ts";

/** Points whose signs will be secret, four by four: of each four a kernel keeps the sums for all signs, give or take all. */
export class EdwardsSignTable {
  readonly size: number;
  readonly #points: readonly KernelPoint[];
  readonly #kernel: EdwardsKernel;
  readonly #memory: EdwardsMemory;
  #placed: { readonly at: number; readonly generation: number } | undefined;

  constructor(kernel: EdwardsKernel, memory: EdwardsMemory, points: readonly KernelPoint[]) {
    this.size = points.length;
    this.#points = [...points];
    this.#kernel = kernel;
    this.#memory = memory;
  }

  /** The point of each sum, in fixed time for given runs (PR-9). */
  sums(signs: Uint8Array, sums: readonly (readonly SignRun[])[]): readonly KernelPoint[] {
    const table = this.#place();
    const [kernel, memory] = [this.#kernel, this.#memory];
    const groupSize = SECRET_MULTIPLES * memory.pointSize;
    try {
      const signsAt = memory.take(signs.length / SIGN_GROUP);
      for (let at = 0; at < signs.length; at += SIGN_GROUP) {
        memory.bytes[signsAt + at / SIGN_GROUP] =
          signs[at]! | (signs[at + 1]! << 1) | (signs[at + 2]! << 2) | (signs[at + 3]! << 3);
      }
      const runsAt = memory.take(SIGN_RUN_SIZE * Math.max(...sums.map(({ length }) => length), 0));
      const points = memory.take(sums.length * memory.pointSize);
      sums.forEach((runs, index) => {
        let word = runsAt / 4;
        for (const { sign, point, count } of runs) {
          memory.words[word++] = signsAt + sign / SIGN_GROUP;
          memory.words[word++] = table + (point / SIGN_GROUP) * groupSize;
          memory.words[word++] = count / SIGN_GROUP;
        }
        kernel.sumSigns(runs.length, runsAt, points + index * memory.pointSize);
      });
      return memory.readPoints(points, sums.length);
    } finally {
      memory.wipe();
    }
  }

  #place(): number {
    if (this.#placed?.generation === this.#memory.generation) return this.#placed.at;
    const entrySize = this.#memory.pointSize;
    const at = this.#memory.takeTable((this.size / SIGN_GROUP) * SECRET_MULTIPLES * entrySize);
    for (let group = 0; group < this.size / SIGN_GROUP; group++) {
      const points = this.#points.slice(SIGN_GROUP * group, SIGN_GROUP * (group + 1));
      this.#writeEntries(points, at + group * SECRET_MULTIPLES * entrySize);
    }
    this.#placed = { at, generation: this.#memory.generation };
    return at;
  }

  /** ±P ± Q ± R + S, the signs by the bits of the entry's number. */
  #writeEntries(points: readonly KernelPoint[], at: number): void {
    const [kernel, memory] = [this.#kernel, this.#memory];
    const { pointSize, words } = memory;
    try {
      const summands = memory.take(points.length * pointSize);
      kernel.multiples(points.length, memory.writePoints(points), summands, 1, 0);
      const lists = memory.take(4 * LISTS);
      const places = memory.take(PLACE_SIZE * points.length);
      const to = memory.take(pointSize);
      words[lists / 4] = places;
      for (let entry = 0; entry < SECRET_MULTIPLES; entry++) {
        points.forEach((_, index) => {
          const place = places + PLACE_SIZE * index;
          const isMinus = index < SIGN_GROUP - 1 && ((entry >> index) & 1) === 0;
          words[place / 4] = index < points.length - 1 ? place + PLACE_SIZE : 0;
          words[place / 4 + 1] = summands + index * pointSize + (isMinus ? 1 : 0);
        });
        kernel.sumLists(lists, 0, to);
        kernel.multiples(1, to, at + entry * pointSize, 1, 0);
      }
    } finally {
      memory.wipe();
    }
  }
}
