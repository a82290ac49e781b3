import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("stop() takes less than two seconds and leaves nothing that keeps a process alive", async () => {
  const script = join(import.meta.dirname, "../../support/start-and-stop-hosts.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 20_000 });
  const [stopMs, exitMs] = stdout.trim().split(" ").map(Number);
  expect(stopMs).toBeLessThan(2_000);
  expect(exitMs).toBeLessThan(2_000);
});
