/** Something whose speed is measured, on any thread of Node.js or a browser. */
export interface Work {
  /** What one go counts for: points, proofs, outputs. */
  readonly units: number;
  /** One go, or the promise of one. */
  readonly go: () => Promise<unknown> | undefined;
}

export interface WorkDone {
  readonly units: number;
  readonly seconds: number;
}

/** Goes again and again until the time is over: at least once, and the last one to its end. */
export async function workFor(work: Work, seconds: number): Promise<WorkDone> {
  const begunMs = performance.now();
  let units = 0;
  for (;;) {
    const going = work.go();
    if (going !== undefined) await going;
    units += work.units;
    const elapsed = (performance.now() - begunMs) / 1_000;
    if (elapsed >= seconds) return { units, seconds: elapsed };
  }
}

/** The same on several threads at once: what all have done, in the time of the slowest. */
export function sumOfWork(done: readonly WorkDone[]): WorkDone {
  return {
    units: done.reduce((sum, { units }) => sum + units, 0),
    seconds: Math.max(...done.map(({ seconds }) => seconds)),
  };
}
