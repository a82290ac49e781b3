import { expect, it } from "vitest";
import { runCommand } from "../../../tools/run-command.ts";

it("keeps the output and the verdict", async () => {
  const result = await runCommand({
    program: "sh",
    args: ["-c", "echo out; echo err >&2; exit 3"],
    timeoutMs: 10_000,
    output: "keep",
  });
  expect(result).toMatchObject({ ok: false, timedOut: false });
  expect(result.output.split("\n").filter(Boolean).sort()).toEqual(["err", "out"]);
});

it("ends the grandchildren of a command that takes too long", async () => {
  // The grandchild holds the pipe: no result comes before it is gone.
  const args = ["-c", "sleep 600 & wait"];
  const result = await runCommand({ program: "sh", args, timeoutMs: 300, output: "keep" });
  expect(result).toMatchObject({ ok: false, timedOut: true });
  expect(result.ms).toBeLessThan(10_000);
});

it("reports a program that does not exist", async () => {
  const result = await runCommand({ program: "no-such-program", args: [], timeoutMs: 10_000, output: "keep" });
  expect(result.ok).toBe(false);
  expect(result.output).toContain("ENOENT");
});
