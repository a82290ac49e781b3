import { describe, expect, it } from "vitest";
import { stepFullNode } from "../../../src/core/machines/full-node.ts";
import { testCurve as curve } from "../../support/test-curve.ts";
import { PLANTED_FAULTS } from "./planted-faults.ts";
import { runPlan } from "./run-plan.ts";
import { drawPlan, type SimulationPlan } from "./simulation-plan.ts";

const sound: SimulationPlan = { ...drawPlan(1, 4), cheats: new Map(), forgetful: new Set(), hasStorms: false };

/** Long enough for payments to be waited for. */
const DURATION_MS = 10_000;

const TIMEOUT_MS = 1_200_000;

describe("[CO-11] [CO-14] [SU-3] what a run is watched for", () => {
  it("holds in a sound network", async () => {
    expect((await runPlan(sound, { curve, durationMs: DURATION_MS })).fault?.message).toBeUndefined();
  });

  it.each(Object.keys(PLANTED_FAULTS) as (keyof typeof PLANTED_FAULTS)[])(
    "finds a fault of kind %s in a sound network, by that name",
    async (kind) => {
      const { fault, isOfAll } = PLANTED_FAULTS[kind];
      const machine = fault(stepFullNode);
      const options = isOfAll ? { machine } : { machineOf: { 3: machine } };
      const durationMs = kind === "payment" ? DURATION_MS : 0;
      const { fault: found } = await runPlan(sound, { curve, durationMs, ...options });
      expect(found?.kind, found?.message).toBe(kind);
    },
    TIMEOUT_MS,
  );
});
