import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT, runCommand } from "../../../tools/run-command.ts";

it("gives what it runs a place for compiled code, and leaves a place that somebody has chosen", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stegos-launch-"));
  try {
    const script = join(folder, "say.mjs");
    await writeFile(script, "console.log(`cache ${process.env.NODE_COMPILE_CACHE}`)");
    const said = async (chosen: string): Promise<string> => {
      const launched = `${chosen} "${process.execPath}" tools/node.mjs "${script}"`;
      const args = ["-c", `cd "${ROOT}" && ${launched}`];
      return (await runCommand({ program: "sh", args, timeoutMs: 60_000, output: "keep" })).output;
    };
    expect(await said("env -u NODE_COMPILE_CACHE")).toContain(`cache ${join(ROOT, ".node/compile-cache")}`);
    expect(await said(`NODE_COMPILE_CACHE="${folder}"`)).toContain(`cache ${folder}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
