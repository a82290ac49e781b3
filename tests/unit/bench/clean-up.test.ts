import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CleanUp } from "../../bench/support/clean-up.ts";

afterEach(() => vi.restoreAllMocks());

const MODULE = join(import.meta.dirname, "../../bench/support/clean-up.ts");
/** A benchmark with a process of its own that does not notice signals, which says the process's number and waits. */
const RUN = `
  const { spawn } = await import("node:child_process");
  const { CleanUp } = await import(${JSON.stringify(MODULE)});
  const child = spawn(process.execPath, ["-e", "process.on('SIGINT', () => {}); setInterval(() => {}, 1000)"]);
  const cleanUp = new CleanUp();
  cleanUp.add(() => new Promise((resolve) => { child.once("exit", resolve); child.kill("SIGKILL"); }));
  console.log(child.pid);
  setInterval(() => {}, 1000);
`;

describe("what a benchmark leaves behind", () => {
  it("is nothing: the last first, each once, whether another fails or not", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const done: string[] = [];
    const cleanUp = new CleanUp();
    cleanUp.add(() => done.push("folder"));
    cleanUp.add(() => {
      throw new Error("it is gone already");
    });
    const stopped = cleanUp.add(() => Promise.resolve().then(() => done.push("process")));
    cleanUp.add(() => done.push("copy"));
    await stopped();
    expect(done).toEqual(["process"]);
    await cleanUp.run();
    await stopped();
    expect(done).toEqual(["process", "copy", "folder"]);
    expect(said).toHaveBeenCalledTimes(1);
  });

  it("listens for signals no longer than the run lasts", async () => {
    const before = process.listenerCount("SIGINT");
    const cleanUp = new CleanUp();
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    await cleanUp.run();
    expect(process.listenerCount("SIGINT")).toBe(before);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("is nothing after %s either", { timeout: 60_000 }, async (signal) => {
    const run = spawn(process.execPath, ["--input-type=module", "-e", RUN], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface({ input: run.stdout }), "line")) as [string];
    const pid = Number(line);
    expect(() => process.kill(pid, 0)).not.toThrow();
    run.kill(signal);
    const [, endedBy] = (await once(run, "exit")) as [unknown, NodeJS.Signals];
    expect(endedBy).toBe(signal);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
