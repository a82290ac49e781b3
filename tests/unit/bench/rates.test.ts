import { describe, expect, it } from "vitest";
import {
  clockRate,
  clockRatio,
  cpuRate,
  cpuRatio,
  cpuTime,
  measureInTurn,
  rateOf,
  round,
  WARM_UP_ROUNDS,
  warmedUp,
  type Candidate,
  type Rate,
} from "../../bench/support/rates.ts";
import { sumOfWork, workFor } from "../../bench/support/work.ts";

const say = (): undefined => undefined;

/** Says its name in each round, and then the rates it was given, one a round. */
function scripted(name: string, rates: readonly (Rate | undefined)[], log: string[]): Candidate {
  let next = 0;
  return {
    name,
    round: (seconds) => {
      log.push(`${name} ${seconds}`);
      return Promise.resolve(rates[next++]);
    },
  };
}

describe("candidates in turn", () => {
  it("take a round each before any takes its next, and the best counts, clock and processor apart", async () => {
    const log: string[] = [];
    const slow = [rateOf({ units: 10, seconds: 1 }, 0.5), rateOf({ units: 30, seconds: 1 }, 3)];
    const fast = [rateOf({ units: 40, seconds: 1 }, 1), rateOf({ units: 20, seconds: 1 }, 1)];
    const rates = await measureInTurn([scripted("slow", slow, log), scripted("fast", fast, log)], {
      rounds: 2,
      seconds: 3,
      say,
    });
    expect(log).toEqual(["slow 3", "fast 3", "slow 3", "fast 3"]);
    expect(rates.get("slow")).toEqual({ perSecond: 30, perCpuSecond: 20 });
    expect(rates.get("fast")).toEqual({ perSecond: 40, perCpuSecond: 40 });
    expect(cpuRatio(rates, "fast", "slow")).toBe(2);
    expect(clockRatio(rates, "fast", "slow")).toBe(1.33);
    expect([clockRate(rates, "slow"), cpuRate(rates, "slow"), cpuTime(rates, "slow", 1e3)]).toEqual([30, 20, 50]);
  });

  it("are asked once where they are not there, and give null", async () => {
    const log: string[] = [];
    const said: string[] = [];
    const rates = await measureInTurn([scripted("absent", [], log)], {
      rounds: 3,
      seconds: 1,
      say: (line) => said.push(line),
    });
    expect(log).toHaveLength(1);
    expect(said).toContain("absent: not to be had here");
    const ofAbsent = [cpuRatio, clockRatio].map((ratio) => ratio(rates, "absent", "absent"));
    expect([...ofAbsent, cpuTime(rates, "absent", 1), clockRate(rates, "absent"), cpuRate(rates, "absent")]).toEqual(
      new Array(5).fill(null),
    );
  });

  it("lose a round that took no processor time, or less, and are asked again", async () => {
    const done = { units: 10, seconds: 1 };
    const said: string[] = [];
    const rounds = [rateOf(done, 0), rateOf(done, -0.01), rateOf(done, 2)];
    const rates = await measureInTurn(
      [scripted("some", rounds, []), scripted("none", [rounds[0], rounds[1], rounds[0]], [])],
      { rounds: 3, seconds: 1, say: (line) => said.push(line) },
    );
    expect(rates.get("some")).toEqual({ perSecond: 10, perCpuSecond: 5 });
    expect(rates.has("none")).toBe(false);
    expect(cpuRatio(rates, "none", "some")).toBeNull();
    expect(said).toContain("none: no round took any processor time");
  });

  it("are warmed up once, for longer than a round, before the first one", async () => {
    const log: string[] = [];
    const done = { units: 1, seconds: 1 };
    const candidateRound = warmedUp(
      (seconds) => Promise.resolve(log.push(`run ${seconds}`)).then(() => done),
      (seconds) => Promise.resolve(log.push(`measure ${seconds}`)).then(() => rateOf(done, 1)),
    );
    expect(WARM_UP_ROUNDS).toBeGreaterThan(1);
    await candidateRound(2);
    await candidateRound(2);
    expect(log).toEqual([`run ${2 * WARM_UP_ROUNDS}`, "measure 2", "measure 2"]);
  });
});

describe("work", () => {
  it("is done at least once, and counted in its units", async () => {
    let goes = 0;
    const count = (): undefined => {
      goes++;
    };
    const done = await workFor({ units: 7, go: count }, 0);
    expect([goes, done.units]).toEqual([1, 7]);
  });

  it("that is a promise is waited for", async () => {
    let isOver = false;
    const go = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      isOver = true;
    };
    await workFor({ units: 1, go }, 0);
    expect(isOver).toBe(true);
  });

  it("of several threads is what all did in the time of the slowest", () => {
    const done = [
      { units: 10, seconds: 1 },
      { units: 20, seconds: 4 },
    ];
    expect(sumOfWork(done)).toEqual({ units: 30, seconds: 4 });
  });
});

it("figures have three digits that mean something", () => {
  expect([round(1.23456), round(12_345.6), round(0.000123456)]).toEqual([1.23, 12_300, 0.000123]);
});
