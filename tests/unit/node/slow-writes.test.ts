import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SeldomLog } from "../../../src/node/seldom-log.ts";
import { SLOW_WRITE_MS, SlowWrites } from "../../../src/node/slow-writes.ts";

let lines: string[];
let writes: SlowWrites;

/** A write that takes so long, or fails then. */
function write(ms: number, error?: Error): Promise<void> {
  return new Promise((resolve, reject) => setTimeout(() => (error === undefined ? resolve() : reject(error)), ms));
}

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  writes = new SlowWrites(new SeldomLog((line) => lines.push(line)));
});

afterEach(() => {
  vi.useRealTimers();
});

it("[CO-14] a write that takes longer is told while it lasts, and one that never ends as well", async () => {
  void writes.watch(new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(SLOW_WRITE_MS - 1);
  expect(lines).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(lines).toEqual([expect.stringContaining("[disk_slow]")]);
});

it("[CO-14] writes in time are not told, whether they succeed or not, and fail as they fail", async () => {
  const good = writes.watch(write(SLOW_WRITE_MS - 1));
  const bad = writes.watch(write(10, new Error("no room")));
  const failed = expect(bad).rejects.toThrow("no room");
  await vi.advanceTimersByTimeAsync(10 * SLOW_WRITE_MS);
  await good;
  await failed;
  expect(lines).toEqual([]);
});
