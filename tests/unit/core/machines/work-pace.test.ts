import { describe, expect, it } from "vitest";
import {
  PEER_WORK_PER_S_MAX,
  takeWork,
  WORK_PER_S_MAX,
  type WorkPace,
} from "../../../../src/core/machines/work-pace.ts";
import { timeMs } from "../../../../src/core/values/height.ts";

const at = (ms: number) => timeMs(1_700_000_000_000 + ms);
const peer = (index: number) => `peer ${index}`;

describe("work of claims that is looked at", () => {
  it("[RP-12] is two of one peer and twenty in all within a second", () => {
    let pace: WorkPace = [];
    for (let index = 0; index < WORK_PER_S_MAX; index++) {
      pace = takeWork(pace, peer(Math.floor(index / PEER_WORK_PER_S_MAX)), at(index))!;
    }
    expect(pace).toHaveLength(WORK_PER_S_MAX);
    expect(takeWork(pace, peer(99), at(500))).toBeUndefined();
    expect(takeWork(pace, undefined, at(999))).toBeUndefined();
    expect(takeWork(pace, peer(99), at(1_000))).toHaveLength(WORK_PER_S_MAX);
  });

  it("[RP-12] of one peer waits for nobody else's", () => {
    const two = takeWork(takeWork([], peer(1), at(0))!, peer(1), at(1))!;
    expect(takeWork(two, peer(1), at(2))).toBeUndefined();
    expect(takeWork(two, peer(2), at(2))).toHaveLength(3);
    // Whoever works this node is no peer.
    const own = takeWork(takeWork(takeWork(two, undefined, at(2))!, undefined, at(2))!, undefined, at(2));
    expect(own).toHaveLength(5);
    // A clock that was set back does not lock anybody out.
    expect(takeWork(two, peer(1), at(-5_000))).toHaveLength(1);
  });
});
