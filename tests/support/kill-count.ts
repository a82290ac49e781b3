import { afterAll, expect } from "vitest";

/**
 * How often the simulations of a describe block were killed, all seeds together: a test in which nothing was ever killed
 * proves nothing, but a single seed may have none. Gives what each seed tells its kills.
 */
export function killsOver(seedCount: number): (kills: number) => void {
  let kills = 0;
  let told = 0;
  afterAll(() => {
    // A seed that is replayed alone says nothing of the others.
    if (told === seedCount) expect(kills).toBeGreaterThan(0);
  });
  return (more) => {
    kills += more;
    told++;
  };
}
