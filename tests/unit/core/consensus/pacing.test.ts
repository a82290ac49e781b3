import { describe, expect, it } from "vitest";
import { timeMs } from "../../../../src/core/values/height.ts";
import { GENESIS_TIME } from "../../../support/consensus-chain.ts";
import { LoneValidator, PARAMS } from "../../../support/lone-validator.ts";

const OTHERS_TURN = { proposers: [1, 2] };
const OUR_TURN = { proposers: [0, 1] };

/** Milliseconds after the parent at which round 0 is to be taken up. */
function paceAfter(lone: LoneValidator): number | undefined {
  const timer = lone.of("arm-timer").findLast((effect) => effect.timer.kind === "pace");
  return timer === undefined ? undefined : timer.at - GENESIS_TIME;
}

function waiting(lone: LoneValidator, afterMs: number): void {
  lone.now = GENESIS_TIME + afterMs;
  lone.step({ type: "transactions-waiting", now: timeMs(lone.now) });
}

describe("[CO-15] when round 0 begins", () => {
  it.each([
    ["the proposer", OUR_TURN],
    ["the others", OTHERS_TURN],
  ])("[CO-15] nothing to do: %s wait for empty_block_ms", (_, setup) => {
    const lone = new LoneValidator(setup);
    lone.start();
    expect(paceAfter(lone)).toBe(PARAMS.emptyBlockMs);
    expect(lone.of("build-block")).toEqual([]);
  });

  it.each([
    ["undrawn claims", { hasUndrawnClaims: true }],
    ["a transaction held before", { transactionsSince: timeMs(GENESIS_TIME - 5_000) }],
    ["an epoch that is over", { epochStart: timeMs(GENESIS_TIME - PARAMS.epochMs) }],
  ])("[CO-15] %s: everybody begins min_block_ms after the parent", (_, start) => {
    for (const setup of [OUR_TURN, OTHERS_TURN]) {
      const lone = new LoneValidator({ ...setup, start });
      lone.start();
      expect(paceAfter(lone)).toBe(PARAMS.minBlockMs);
    }
  });

  it("[CO-15] the end of the epoch between the two moments counts from when it comes", () => {
    const lone = new LoneValidator({
      ...OTHERS_TURN,
      start: { epochStart: timeMs(GENESIS_TIME + 1_500 - PARAMS.epochMs) },
    });
    lone.start();
    expect(paceAfter(lone)).toBe(1_500);
  });

  it("[CO-15] a transaction after min_block_ms makes the proposer propose at once", () => {
    const lone = new LoneValidator(OUR_TURN);
    lone.start();
    waiting(lone, 1_200);
    expect(lone.of("build-block")).toMatchObject([{ round: 0, at: GENESIS_TIME + 1_200 }]);
  });

  it("[CO-15] a transaction before min_block_ms makes the proposer wait until then", () => {
    const lone = new LoneValidator(OUR_TURN);
    lone.start();
    waiting(lone, 300);
    expect(paceAfter(lone)).toBe(PARAMS.minBlockMs);
    expect(lone.of("build-block")).toEqual([]);
  });

  it.each([
    [300, 1_000],
    [600, 1_100],
    [1_200, 1_700],
    [1_900, 2_000],
  ])("[CO-15] the others arm T_propose 500 ms after holding a transaction: held at %i, armed at %i", (held, armed) => {
    const lone = new LoneValidator(OTHERS_TURN);
    lone.start();
    waiting(lone, held);
    expect(paceAfter(lone)).toBe(armed);
    lone.now = GENESIS_TIME + armed - 1;
    lone.fire("propose", 1);
    lone.step({
      type: "timer-fired",
      now: timeMs(lone.now),
      timer: { kind: "pace", height: lone.state.height, round: 0 },
    });
    expect(lone.timers().filter((timer) => timer.startsWith("propose"))).toEqual([]);
    lone.now += 1;
    lone.step({
      type: "timer-fired",
      now: timeMs(lone.now),
      timer: { kind: "pace", height: lone.state.height, round: 0 },
    });
    expect(lone.timers()).toContain(`propose 0 +${PARAMS.proposeMs}`);
  });

  it("[CO-15] begins once, however often the moment comes", () => {
    const lone = LoneValidator.started(OUR_TURN);
    waiting(lone, 2_500);
    lone.fire("pace", 0);
    expect(lone.of("build-block")).toHaveLength(1);
  });

  it("[CO-2] a later round never asks for a block before parent + min_block_ms", () => {
    const lone = new LoneValidator({ proposers: [1, 0] });
    lone.start();
    lone.votes("precommit", 1, [1, 2], lone.header(0).prev);
    expect(lone.state.round).toBe(1);
    expect(lone.of("build-block")).toMatchObject([{ round: 1, at: GENESIS_TIME + PARAMS.minBlockMs }]);
  });
});
