import { describe, expect, it } from "vitest";
import { testCurve as curve } from "../../support/test-curve.ts";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";
import { replayCommand, runPlan } from "./run-plan.ts";
import { drawPlan } from "./simulation-plan.ts";

/** In so many seeds a bug that breaks safety has to be found. */
const SEEDS_MAX = 200;

const TIMEOUT_MS = 1_200_000;

const FOUND_AS: Readonly<Record<PlantedBug, readonly string[]>> = {
  "no-locks": ["agreement", "lock"],
  "no-locks-on-old-blocks": ["agreement", "lock"],
  "no-log": ["agreement", "double-sign", "accusation"],
  "thin-certificates": ["agreement", "certificate"],
  "no-signer-file": ["double-sign"],
};

describe("a bug planted in every node", () => {
  it.each(Object.keys(PLANTED_BUGS) as PlantedBug[])(
    "%s is found in under 200 seeds",
    async (bug) => {
      for (let seed = 1; seed < SEEDS_MAX; seed++) {
        const plan = drawPlan(seed, 7);
        const { fault } = await runPlan(plan, { curve, ...PLANTED_BUGS[bug] });
        if (fault === undefined) continue;
        expect(FOUND_AS[bug], `${fault.message}; replay: ${replayCommand(plan, { bug })}`).toContain(fault.kind);
        return;
      }
      expect.fail(`${bug} was not found in ${SEEDS_MAX} seeds`);
    },
    TIMEOUT_MS,
  );
});
