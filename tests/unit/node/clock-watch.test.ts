import { describe, expect, it } from "vitest";
import { CLOCK_TOLERANCE_MS } from "../../../src/core/consensus/receive-proposal.ts";
import { timeMs, type TimeMs } from "../../../src/core/values/height.ts";
import { ClockWatch } from "../../../src/node/clock-watch.ts";
import { SeldomLog } from "../../../src/node/seldom-log.ts";

const NOW = timeMs(1_700_000_000_000);
const MINUTE_MS = 60_000;

function watch(): {
  readonly clock: ClockWatch;
  readonly codes: () => readonly string[];
  readonly pass: (ms: number) => void;
} {
  const lines: string[] = [];
  let steadyMs = 0;
  const clock = new ClockWatch(
    new SeldomLog(
      (line) => lines.push(line),
      () => steadyMs,
    ),
  );
  const codes = (): readonly string[] => lines.map((line) => /\[(\w+)\]$/.exec(line)?.[1] ?? line);
  return { clock, codes, pass: (ms) => void (steadyMs += ms) };
}

const before = (ms: number): TimeMs => timeMs(NOW - ms);

describe("a clock and the blocks that others made final", () => {
  it("[CO-2] one final block of our future is enough, one within the tolerance is none", () => {
    const { clock, codes } = watch();
    clock.blockFinal(before(-CLOCK_TOLERANCE_MS), NOW, true);
    expect(codes()).toEqual([]);
    clock.blockFinal(before(-CLOCK_TOLERANCE_MS - 1), NOW, true);
    expect(codes()).toEqual(["clock_behind"]);
  });

  it("[CO-2] a block of our future is told also where it was fetched", () => {
    const { clock, codes } = watch();
    clock.blockFinal(before(-2 * CLOCK_TOLERANCE_MS), NOW, false);
    expect(codes()).toEqual(["clock_behind"]);
  });

  it("[CO-2] three late ones in a row are told, two and a timely one are not", () => {
    const { clock, codes } = watch();
    const late = before(CLOCK_TOLERANCE_MS + 1);
    for (const time of [late, late, before(CLOCK_TOLERANCE_MS), late, late]) clock.blockFinal(time, NOW, true);
    expect(codes()).toEqual([]);
    clock.blockFinal(late, NOW, true);
    expect(codes()).toEqual(["blocks_late"]);
  });

  it("old blocks that a node fetches because it was away say nothing of its clock", () => {
    const { clock, codes } = watch();
    for (let block = 0; block < 10; block++) clock.blockFinal(before(MINUTE_MS), NOW, false);
    clock.blockFinal(before(MINUTE_MS), NOW, true);
    clock.blockFinal(before(MINUTE_MS), NOW, true);
    expect(codes()).toEqual([]);
  });

  it("what lasts is told once a minute", () => {
    const { clock, codes, pass } = watch();
    for (let second = 0; second < 61; second++) {
      clock.blockFinal(before(-MINUTE_MS), NOW, true);
      pass(1_000);
    }
    expect(codes()).toEqual(["clock_behind", "clock_behind"]);
  });
});
