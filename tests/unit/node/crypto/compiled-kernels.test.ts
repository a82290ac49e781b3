import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { buildKernel } from "../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES } from "../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { compileKernel, openBackend } from "../../../../src/core/crypto/backend/open-backend.ts";
import { CompiledKernels } from "../../../../src/node/crypto/compiled-kernels.ts";
import { LADDER_CONSTANT, spoiltKernel } from "../../../support/spoilt-kernel.ts";

describe("the kernels of a process", () => {
  it("[PR-4] are compiled once, and a thread is handed what its process runs", async () => {
    const kernels = new CompiledKernels();
    const curve = await openBackend(kernels.source);
    const given = kernels.forThread();
    expect(given.map(([name]) => `wasm ${name}`)).toContain(curve.name);
    expect(kernels.forThread()).toEqual(given);
    const code = `
      const { parentPort, workerData } = require("node:worker_threads");
      parentPort.postMessage(workerData.map(([name, module]) => [name, module instanceof WebAssembly.Module]));`;
    const worker = new Worker(code, { eval: true, workerData: given });
    expect(await once(worker, "message")).toEqual([given.map(([name]) => [name, true])]);
    // In a thread: the same objects, nothing is made anew.
    const there = new CompiledKernels(given);
    for (const [name, module] of given) expect(await there.source(name)).toBe(module);
    await worker.terminate();
  });

  it("[PR-4] a thread trusts none that it has not tried: one of other answers is passed over", async () => {
    const spoilt = compileKernel(spoiltKernel(buildKernel(KERNEL_NAMES[0]), LADDER_CONSTANT));
    const { source } = new CompiledKernels([[KERNEL_NAMES[0], spoilt]]);
    expect((await openBackend(source)).name).toBe(`wasm ${KERNEL_NAMES[1]}`);
  });
});
