import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { cpuSeconds } from "../../bench/support/cpu-seconds.ts";
import { processSeconds, secondsBetween, threadTimes } from "../../bench/support/process-time.ts";

const isTold = existsSync(`/proc/${process.pid}/task/${process.pid}/schedstat`);
/** What the worker has computed before the round begins. */
const PAST_MS = 300;

/** Computes until it has taken so much processor time, says so, and lives on until it is ended. */
const BUSY_WORKER = `
const { parentPort } = require("node:worker_threads");
const begun = process.cpuUsage();
const usedMs = () => { const { user, system } = process.cpuUsage(begun); return (user + system) / 1e3; };
while (usedMs() < ${PAST_MS});
parentPort.postMessage("busy no more");
setInterval(() => undefined, 1_000);
`;

const sum = (times: ReadonlyMap<string, number>): number => [...times.values()].reduce((all, time) => all + time, 0);

describe("processor time of a process", () => {
  it("is that of its threads, where the system tells it", async () => {
    const times = await threadTimes(process.pid);
    if (isTold) expect(times?.get(`${process.pid} ${process.pid}`)).toBeGreaterThan(0);
    else expect(times).toBeUndefined();
    expect(cpuSeconds()).toBeGreaterThan(0);
  });

  it("is not known of one that is not there", async () => {
    expect(await threadTimes(2 ** 30)).toBeUndefined();
    expect(await processSeconds(2 ** 30)).toBeUndefined();
  });

  it("is not made less by a thread that ends in between", async () => {
    const worker = new Worker(BUSY_WORKER, { eval: true });
    await new Promise((resolve) => worker.once("message", resolve));
    const before = (await threadTimes(process.pid)) ?? new Map<string, number>();
    const whole = await processSeconds(process.pid);
    await worker.terminate();
    // Of the whole process nothing goes with the thread.
    const wholeAfter = await processSeconds(process.pid);
    if (isTold) expect(wholeAfter).toBeGreaterThanOrEqual(whole!);
    if (isTold) expect(Math.abs(wholeAfter! - cpuSeconds())).toBeLessThan(1);
    const after = (await threadTimes(process.pid)) ?? new Map<string, number>();
    const between = secondsBetween(before, after);
    if (!isTold) return;
    expect(between).toBeGreaterThan(0);
    // As the difference of sums would have it.
    expect(sum(after) - sum(before)).toBeLessThan(between);
  });

  it("counts of who lives afterwards what he took since, all of it where he is new, nothing of who is gone", () => {
    const before = new Map(Object.entries({ "1 1": 2, "1 2": 50 }));
    const after = new Map(Object.entries({ "1 1": 2.5, "1 3": 0.25 }));
    expect(secondsBetween(before, after)).toBe(0.75);
  });
});
