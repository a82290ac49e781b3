import { describe, expect, it } from "vitest";
import { timeMs, type TimeMs } from "../../../src/core/values/height.ts";
import { pruneBlobs } from "../../../src/node/prune-blobs.ts";

/** A clock whose waker fires when it is told to. */
class HandClock {
  time = 1_000_000;
  waiting: { readonly at: TimeMs; readonly wake: () => void } | undefined;
  now = (): TimeMs => timeMs(this.time);
  wakeAt = (at: TimeMs, wake: () => void): (() => void) => {
    this.waiting = { at, wake };
    return () => (this.waiting = undefined);
  };
  pass(): void {
    const { at, wake } = this.waiting!;
    this.time = at;
    wake();
  }
}

describe("pruning of blobs", () => {
  it("[MS-13] begins at once, comes back every tenth of their time and at least every hour, and stops", async () => {
    for (const [ttlMs, everyMs] of [[600_000, 60_000] as const, [7 * 86_400_000, 3_600_000] as const]) {
      const clock = new HandClock();
      const pruned: number[] = [];
      const failures: unknown[] = [];
      const store = {
        prune: (now: TimeMs) => {
          pruned.push(now - 1_000_000);
          return pruned.length === 2 ? Promise.reject(new Error("disk")) : Promise.resolve();
        },
      };
      const stop = pruneBlobs({
        store,
        clock,
        chainTime: () => timeMs(0),
        ttlMs,
        failed: (error) => failures.push(error),
      });
      clock.pass();
      clock.pass();
      await Promise.resolve();
      expect(pruned).toEqual([0, everyMs, 2 * everyMs]);
      expect(failures).toHaveLength(1);
      stop();
      expect(clock.waiting).toBeUndefined();
    }
  });

  it("[MS-13] leaves all of them where the clock is behind the chain by a tenth of their time, until it is set", () => {
    const clock = new HandClock();
    const pruned: number[] = [];
    const store = {
      prune: (now: TimeMs) => {
        pruned.push(now - 1_000_000);
        return Promise.resolve();
      },
    };
    const chainTime = (): TimeMs => timeMs(1_120_001);
    const stop = pruneBlobs({ store, clock, chainTime, ttlMs: 600_000, failed: () => undefined });
    expect(pruned).toEqual([]);
    clock.pass();
    expect(pruned).toEqual([]);
    clock.pass();
    expect(pruned).toEqual([120_000]);
    stop();
  });
});
