import { describe, expect, it } from "vitest";
import { ConsensusSimulation, drawPlan } from "./consensus-simulator.ts";
import { runs } from "../support/run-counts.ts";

const SEEDS = Array.from({ length: runs(24, 2_000) }, (_, index) => index + 1);

describe.each([4, 7, 10])("%i validators, hostile network until it settles", (count) => {
  it.each(SEEDS)(`[CO-4] [CO-11] seed %i of ${count}: one chain, and it goes on`, (seed) => {
    const faults = new ConsensusSimulation(drawPlan(seed, count)).run();
    expect(faults, `replay: npm run test:sim -- -t "seed ${seed} of ${count}:"`).toEqual([]);
  });
});
