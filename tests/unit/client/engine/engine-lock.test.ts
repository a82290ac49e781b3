import { expect, it } from "vitest";
import { takeEngineLock, type EngineHold } from "../../../../src/client/engine/engine-lock.ts";
import { eventually } from "../../../support/eventually.ts";

let count = 0;
const freshName = (): string => `engine ${process.pid} ${count++}`;

/** A tab that lets go when it is asked, as tabs do. */
async function politely(hold: EngineHold, log: string[], name: string): Promise<void> {
  log.push(`${name} ${await hold.wanted}`);
  hold.release();
}

it("the first tab gets the engine at once", async () => {
  const hold = await takeEngineLock({ name: freshName() });
  hold.release();
});

it("a later tab gets it when the holder has let go", async () => {
  const name = freshName();
  const log: string[] = [];
  const first = await takeEngineLock({ name });
  const done = politely(first, log, "first");
  const second = await takeEngineLock({ name });
  await done;
  expect(log).toEqual(["first asked"]);
  second.release();
});

it("a frozen holder loses it after its time, and learns so when it wakes", async () => {
  const name = freshName();
  const frozen = await takeEngineLock({ name });
  const startedAt = performance.now();
  const second = await takeEngineLock({ name, stealAfterMs: 150 });
  expect(performance.now() - startedAt).toBeGreaterThan(140);
  // It was asked first and did not listen; either way it knows.
  expect(["asked", "stolen"]).toContain(await frozen.wanted);
  frozen.release();
  second.release();
});

it("of many tabs that come at once exactly one keeps it", async () => {
  const name = freshName();
  const holds = await Promise.all([0, 1, 2, 3].map(() => takeEngineLock({ name, stealAfterMs: 1_000 }).then(follow)));
  function follow(hold: EngineHold): { hold: EngineHold; isOver: boolean } {
    const entry = { hold, isOver: false };
    void politely(hold, [], "tab").then(() => (entry.isOver = true));
    return entry;
  }
  const kept = await eventually(() => {
    const left = holds.filter(({ isOver }) => !isOver);
    expect(left).toHaveLength(1);
    return left[0]!;
  });
  kept.hold.release();
});
