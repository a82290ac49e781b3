import { describe, expect, it } from "vitest";
import { PACE_MARKS_MAX, PACE_STRETCH_MS, PACE_STRETCH_MS_MIN } from "../../../../src/core/params/private-fetch.ts";
import { followPace, startPace, type OutputPace } from "../../../../src/core/sync/output-pace.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { SeededNumbers } from "../../../support/seeded-numbers.ts";

const MINUTE_MS = 60_000;
const START = { time: timeMs(1_700_000_000_000), nextLeaf: 500 };

/** A chain's headers as far as the pace looks at them. */
class Pace {
  pace: OutputPace = startPace(START);
  #header = START;

  /** So many outputs a second, a block every so often. */
  run(ms: number, perSecond: number, everyMs = 5_000): boolean {
    for (let passed = 0; passed < ms; passed += everyMs) {
      const { time, nextLeaf } = this.#header;
      this.#header = { time: timeMs(time + everyMs), nextLeaf: nextLeaf + (perSecond * everyMs) / 1_000 };
      this.pace = followPace(this.pace, this.#header);
    }
    return this.pace.isBusy;
  }
}

describe("[NW-8] the pace of the chain", () => {
  it.each([
    [0, false],
    [0.4, false],
    [0.6, false],
    [0.7, true],
    [5, true],
  ])("%d outputs a second: busy is %s", (perSecond, isBusy) => {
    expect(new Pace().run(2 * PACE_STRETCH_MS, perSecond)).toBe(isBusy);
  });

  it("stays as it was between the bounds", () => {
    const chain = new Pace();
    expect(chain.run(PACE_STRETCH_MS, 1)).toBe(true);
    expect(chain.run(2 * PACE_STRETCH_MS, 0.5)).toBe(true);
    expect(chain.run(2 * PACE_STRETCH_MS, 0.2)).toBe(false);
    expect(chain.run(2 * PACE_STRETCH_MS, 0.5)).toBe(false);
  });

  it("is not concluded from less than ten minutes, nor from a burst", () => {
    const chain = new Pace();
    expect(chain.run(PACE_STRETCH_MS_MIN - MINUTE_MS, 10)).toBe(false);
    expect(chain.run(2 * MINUTE_MS, 10)).toBe(true);
    const calm = new Pace();
    calm.run(PACE_STRETCH_MS, 0.1);
    expect(calm.run(MINUTE_MS, 10)).toBe(false);
    expect(calm.run(PACE_STRETCH_MS, 0.1)).toBe(false);
  });

  it("keeps at most a mark a minute, and of what lies further back one", () => {
    const chain = new Pace();
    const numbers = new SeededNumbers(1);
    for (let step = 0; step < 3_000; step++) {
      const everyMs = numbers.between(1_000, 100_000);
      chain.run(everyMs, 1, everyMs);
      const { marks } = chain.pace;
      expect(marks.length).toBeLessThanOrEqual(PACE_MARKS_MAX);
      const old = marks.filter((mark) => marks.at(-1)!.timeMs - mark.timeMs >= PACE_STRETCH_MS);
      expect(old.length).toBeLessThanOrEqual(1);
    }
  });

  it("is looked at once a minute of the chain's own time: in between nothing changes", () => {
    const chain = new Pace();
    chain.run(PACE_STRETCH_MS, 1);
    const { pace } = chain;
    chain.run(MINUTE_MS - 5_000, 100);
    expect(chain.pace).toBe(pace);
  });
});
