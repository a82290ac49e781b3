import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { stepFullNode } from "../../../src/core/machines/full-node.ts";
import { runs } from "../../support/run-counts.ts";
import { testCurve as curve } from "../../support/test-curve.ts";
import { WITNESS } from "./behaviours.ts";
import type { FullNodeMachine } from "./node-world.ts";
import { replayCommand, runPlan, type RunReport } from "./run-plan.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import { calmWeather, drawPlan, type SimulationPlan } from "./simulation-plan.ts";

const SEEDS = Array.from({ length: runs(30, 2_000) }, (_, index) => index + 1);

/** Virtual time is what the tests wait for; a slow machine takes as long as it takes. */
const TIMEOUT_MS = 1_200_000;

function expectSound({ plan, fault }: RunReport, how = ""): void {
  expect(fault?.message, `replay: ${replayCommand(plan)}${how}`).toBeUndefined();
}

describe("whole nodes in storms", () => {
  let kills = 0;
  let rounds = 0;
  let drawn = 0;

  it.each(SEEDS)(
    "[CO-11] [CO-14] [SU-3] seed %i of 7: one chain, nothing signed twice, and it goes on",
    async (seed) => {
      const report = await runPlan(drawPlan(seed, 7), { curve });
      expectSound(report);
      expect(report.blocks).toBeGreaterThanOrEqual(3);
      kills += report.counts.kills;
      drawn += report.drawn;
      rounds = Math.max(rounds, report.counts.roundMax);
    },
  );

  it("the storms were storms", () => {
    expect(kills).toBeGreaterThan(SEEDS.length);
    expect(rounds).toBeGreaterThan(1);
    expect(drawn).toBeGreaterThan(SEEDS.length / 3);
  });
});

describe("one validator in a sound network", () => {
  const plan: SimulationPlan = { ...drawPlan(1, 4), cheats: new Map(), forgetful: new Set(), hasStorms: false };

  it(
    "[CO-14] comes back from a power cut behind every part of everything it writes",
    async () => {
      let simulation: NodeSimulation | undefined;
      expectSound(await runPlan(plan, { curve, prepare: (made) => (simulation = made) }));
      const writes = [...simulation!.nodes[1]!.writes];
      expect(writes.length).toBeGreaterThan(6);
      for (const [write, parts] of writes.entries()) {
        for (let part = 0; part <= parts; part++) {
          const prepare = (made: NodeSimulation) => (made.nodes[1]!.cutAt = { write, parts: part });
          const report = await runPlan(plan, { curve, prepare });
          expectSound(report, ` without storms, write ${write} cut behind part ${part}`);
          expect(report.counts.powerCuts).toBe(1);
        }
      }
    },
    TIMEOUT_MS,
  );
});

describe("a validator that signs twice, and shows it to one node without a vote", () => {
  /** Is the cheat out, and who said so? */
  async function run(machine: FullNodeMachine): Promise<{ readonly isOut: boolean; readonly accusations: number }> {
    const drawn = drawPlan(1, WITNESS + 1);
    const params = { ...drawn.params, epochMs: 10_000 };
    const cheats = new Map([[1, "whispering" as const]]);
    const plan = { ...drawn, validatorCount: WITNESS, cheats, forgetful: new Set<number>(), hasStorms: false, params };
    let simulation: NodeSimulation | undefined;
    const prepare = (made: NodeSimulation) => (simulation = made);
    const report = await runPlan(plan, { curve, machine, durationMs: 60_000, prepare });
    expectSound(report, " with node 1 whispering");
    const key = simulation!.bls.publicKey(simulation!.nodes[1]!.seed!);
    const set = simulation!.watch.chain.validatorsAt(report.blocks + 1)!;
    const isOut = !set.some(({ blsKey }) => equalBytes(blsKey, key));
    return { isOut, accusations: report.counts.accusations };
  }

  /** A node that keeps to itself what it saw. */
  const withoutGossip: FullNodeMachine = (...given) => {
    const [state, effects] = stepFullNode(...given);
    return [state, effects.filter(({ type }) => type !== "publish-evidence")];
  };

  it(
    "[ST-10] [ST-4] is convicted by blocks of others, who have it by gossip, and by nobody without gossip",
    async () => {
      const heard = await run(stepFullNode);
      expect(heard.isOut).toBe(true);
      expect(heard.accusations).toBeGreaterThan(1);
      expect((await run(withoutGossip)).isOut).toBe(false);
    },
    TIMEOUT_MS,
  );
});

describe("two silent validators of seven", () => {
  it(
    "[ST-3] leave the set for good while storms go on, and nobody else does",
    async () => {
      const drawn = drawPlan(1, 7);
      const params = { ...drawn.params, epochMs: 10_000, deadEpochs: 3 };
      const cheats = new Map<number, "silent">([
        [1, "silent"],
        [4, "silent"],
      ]);
      const plan: SimulationPlan = { ...drawn, validatorCount: 7, cheats, forgetful: new Set(), params };
      let simulation: NodeSimulation | undefined;
      const report = await runPlan(plan, { curve, durationMs: 120_000, prepare: (made) => (simulation = made) });
      expectSound(report, " with nodes 1 and 4 silent and dead_epochs 3");
      const set = simulation!.watch.chain.validatorsAt(report.blocks + 1)!;
      const keys = set.map(({ blsKey }) => formatHex(blsKey));
      for (const { number, seed } of simulation!.nodes) {
        expect(keys.includes(formatHex(simulation!.bls.publicKey(seed!))), `node${number}`).toBe(!cheats.has(number));
      }
    },
    TIMEOUT_MS,
  );
});

describe("one validator of five that nobody hears for half a minute", () => {
  it(
    "[ST-3] is jailed, says that it is back, and gets its seat again; nobody else loses his",
    async () => {
      const drawn = drawPlan(1, 5);
      const params = { ...drawn.params, epochMs: 10_000, deadEpochs: 2 };
      const sound = { cheats: new Map(), forgetful: new Set<number>(), hasStorms: false };
      const plan: SimulationPlan = { ...drawn, ...sound, validatorCount: 5, params };
      let simulation: NodeSimulation | undefined;
      const cut = { from: 5_000, until: 45_000, nodes: new Set([3]), isOneWay: false, isNoticed: true };
      const prepare = (made: NodeSimulation): void => {
        simulation = made;
        made.enter({ ...calmWeather(), cuts: [cut] });
      };
      const report = await runPlan(plan, { curve, durationMs: 90_000, prepare });
      expectSound(report, " with node 3 cut off for 40 s and dead_epochs 2");
      expect(report.counts.unjails).toBe(1);
      const { chain } = simulation!.watch;
      const lazy = formatHex(simulation!.bls.publicKey(simulation!.nodes[3]!.seed!));
      const sets = Array.from({ length: report.blocks }, (_, at) => chain.validatorsAt(at + 1)!);
      const seats = sets.map((set) => set.some(({ blsKey }) => formatHex(blsKey) === lazy));
      // There, gone, there: each but once.
      expect(seats.filter((has, at) => has !== seats[at - 1])).toEqual([true, false, true]);
      expect(sets.every((set) => set.length === 5 || set.length === 4)).toBe(true);
    },
    TIMEOUT_MS,
  );
});
