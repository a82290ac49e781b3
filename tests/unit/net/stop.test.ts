import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../support/start-and-stop-hosts.ts");

async function stop(...args: readonly string[]): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...args], { timeout: 20_000 });
  // Nothing else: a library that prints would break those who read our output.
  expect(stdout).toMatch(/^\d+ \d+\n$/);
  return stdout.trim().split(" ").map(Number);
}

it("stop() takes less than two seconds and leaves nothing that keeps a process alive", async () => {
  const [stopMs, exitMs] = await stop();
  expect(stopMs).toBeLessThan(2_000);
  expect(exitMs).toBeLessThan(2_000);
});

it("stop() takes less than a second with connections over WebRTC-direct, and the process ends well", async () => {
  const [stopMs] = await stop("webrtc");
  expect(stopMs).toBeLessThan(1_000);
});
