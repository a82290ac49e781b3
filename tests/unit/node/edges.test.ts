import { expect, it, vi } from "vitest";
import { timeMs } from "../../../src/core/values/height.ts";
import { systemClock } from "../../../src/node/edges.ts";

it("a genesis months ahead wakes nobody at once", () => {
  vi.useFakeTimers();
  const wake = vi.fn();
  const cancel = systemClock.wakeAt(timeMs(Date.now() + 100 * 86_400_000), wake);
  vi.advanceTimersByTime(86_400_000);
  cancel();
  vi.useRealTimers();
  expect(wake).not.toHaveBeenCalled();
});
