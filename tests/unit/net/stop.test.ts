import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { shortestMs } from "../../support/shortest.ts";

const SCRIPT = join(import.meta.dirname, "../../support/start-and-stop-hosts.ts");

async function stop(...args: readonly string[]): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...args], { timeout: 60_000 });
  // Nothing else: a library that prints would break those who read our output.
  expect(stdout).toMatch(/^\d+ \d+\n$/);
  return stdout.trim().split(" ").map(Number);
}

it("stop() takes less than two seconds and leaves nothing that keeps a process alive", async () => {
  const slower = async (): Promise<number> => Math.max(...(await stop()));
  expect(await shortestMs(2_000, slower)).toBeLessThan(2_000);
});

it("stop() takes less than a second with connections over WebRTC-direct, and the process ends well", async () => {
  const stopMs = async (): Promise<number> => (await stop("webrtc"))[0]!;
  expect(await shortestMs(1_000, stopMs)).toBeLessThan(1_000);
});
