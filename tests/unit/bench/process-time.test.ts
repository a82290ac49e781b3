import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { cpuSeconds } from "../../bench/support/cpu-seconds.ts";
import { processSeconds } from "../../bench/support/process-time.ts";

it("the time of a process is that of its threads, where the system tells it", async () => {
  const seconds = await processSeconds(process.pid);
  if (existsSync(`/proc/${process.pid}/task/${process.pid}/schedstat`)) expect(seconds).toBeGreaterThan(0);
  else expect(seconds).toBeUndefined();
  expect(cpuSeconds()).toBeGreaterThan(0);
});

it("of a process that is not there nothing is known", async () => {
  expect(await processSeconds(2 ** 30)).toBeUndefined();
});
