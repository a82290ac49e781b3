import { describe, expect, it } from "vitest";
import { decodeLedgerTip, encodeLedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { testCurve as curve } from "../../support/test-curve.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import { runPlan, type RunReport } from "./run-plan.ts";
import { drawPlan, type SimulationPlan } from "./simulation-plan.ts";

const TIMEOUT_MS = 1_200_000;
const DURATION_MS = 120_000;

const drawn = drawPlan(1, 7);

/** Two of seven serve false snapshots, and epochs are short. */
const plan: SimulationPlan = {
  ...drawn,
  validatorCount: 7,
  cheats: new Map([
    [1, "fake-snapshots"],
    [4, "fake-snapshots"],
  ]),
  forgetful: new Set(),
  params: { ...drawn.params, epochMs: 10_000 },
};

async function run(prepare: (simulation: NodeSimulation) => void): Promise<RunReport> {
  return runPlan(plan, { curve, durationMs: DURATION_MS, prepare });
}

describe("[BL-12] somebody joins by a snapshot while storms go on", () => {
  it(
    "has the state of those who executed every block, whoever lies to him and whenever he is killed",
    async () => {
      let simulation: NodeSimulation | undefined;
      const report = await run((made) => (simulation = made));
      expect(report.fault?.message).toBeUndefined();
      expect(report.counts.joins).toBeGreaterThan(1);
      expect(report.counts.falseSnapshots).toBeGreaterThan(0);
      // Another state under the same height is seen.
      const { chain } = simulation!.watch;
      const bytes = simulation!.correctNodes[0]!.disk.store.tip()!;
      const tip = decodeLedgerTip(bytes);
      const other = encodeLedgerTip({ ...tip, header: { ...tip.header, minted: tip.header.minted + 1n } });
      expect(() => chain.joined("joiner", bytes)).not.toThrow();
      expect(() => chain.joined("joiner", other)).toThrow("state-root: joiner joined another state");
    },
    TIMEOUT_MS,
  );

  it(
    "sees that a correct node serves a false one",
    async () => {
      const { fault } = await run(({ correctNodes }) => {
        for (const { store } of correctNodes.map(({ disk }) => disk)) {
          const tailOf = store.snapshotTail.bind(store);
          store.snapshotTail = async (at) => (await tailOf(at))?.map((byte, place) => (place === 60 ? byte ^ 1 : byte));
        }
      });
      expect(fault?.message).toMatch(/^accusation: joiner says that node\d, which is correct/);
    },
    TIMEOUT_MS,
  );

  it(
    "sees that nobody can join",
    async () => {
      const { fault } = await run(({ nodes }) => {
        for (const { disk } of nodes) disk.store.rangeRoots = () => Promise.resolve(undefined);
      });
      expect(fault?.message).toMatch(/^liveness: joiner cannot join/);
    },
    TIMEOUT_MS,
  );
});
