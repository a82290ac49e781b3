import { describe, expect, it } from "vitest";
import { createNobleBls } from "../../src/core/crypto/noble-bls.ts";
import { runs } from "../support/run-counts.ts";
import { ConsensusSimulation, drawPlan, type SimulationPlan } from "./consensus-simulator.ts";

/** Rounds fail often here: messages are lost, a third of the power cheats, and locks and valid rounds matter. */
function roughPlan(seed: number): SimulationPlan {
  return {
    ...drawPlan(seed, 4),
    powers: [10, 10, 10, 10],
    byzantine: new Map([[seed % 4, "equivocating"]]),
    stableAt: 8_000,
    dropShare: 0.25,
    duplicateShare: 0.1,
    delayMsMax: 400,
    partitions: [],
    crashShare: 0,
    blocksAfter: 3,
    // A height may have to wait for the turn of the one that is locked, which seat 2 has in no round from 1 to 20.
    patienceMs: 300_000,
  };
}

describe("one validator dies at every point of its log", () => {
  it.each(Array.from({ length: runs(3, 200) }, (_, index) => index + 1))(
    "[CO-14] seed %i: after every single log write it comes back and signs nothing twice",
    (seed) => {
      const plan = roughPlan(seed);
      const seat = (seed + 1) % 4;
      const undisturbed = new ConsensusSimulation(plan);
      expect(undisturbed.run()).toEqual([]);
      const writes = undisturbed.writes[seat]!;
      expect(writes).toBeGreaterThan(8);
      for (let write = 1; write <= writes; write++) {
        const simulation = new ConsensusSimulation({ ...plan, crashAt: { seat, write } });
        const replay = `replay: npm run test:sim -- -t "seed ${seed}: after every", log write ${write}`;
        expect(simulation.run(), replay).toEqual([]);
        expect(simulation.crashCount, replay).toBe(1);
      }
    },
  );
});

describe("everybody at once", () => {
  it.each(Array.from({ length: runs(6, 200) }, (_, index) => index + 1))(
    "[CO-14] seed %i: all validators die again and again at random log writes, and the chain goes on",
    (seed) => {
      const plan: SimulationPlan = { ...drawPlan(seed, 4), byzantine: new Map(), crashShare: 0.3, stableAt: 15_000 };
      const simulation = new ConsensusSimulation(plan);
      expect(simulation.run(), `replay: npm run test:sim -- -t "seed ${seed}: all validators"`).toEqual([]);
      expect(simulation.crashCount).toBeGreaterThan(0);
    },
  );
});

describe("real signatures", () => {
  it("[CO-11] four validators decide two blocks with noble's BLS", () => {
    const calm = { stableAt: 0, dropShare: 0, byzantine: new Map(), blocksAfter: 2 };
    const plan: SimulationPlan = { ...roughPlan(1), ...calm, bls: createNobleBls() };
    expect(new ConsensusSimulation(plan).run()).toEqual([]);
  });
});
