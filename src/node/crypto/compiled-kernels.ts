import { buildKernel } from "../../core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES, type KernelName } from "../../core/crypto/backend/kernel/kernel-layout.ts";
import { supportsKernel } from "../../core/crypto/backend/kernel/supports-kernel.ts";
import { compileKernel, type KernelModule, type KernelSource } from "../../core/crypto/backend/open-backend.ts";

/** Compiled builds as they are posted to a thread. */
export type KernelsForThread = readonly (readonly [KernelName, KernelModule])[];

/**
 * The kernels of one process: made and compiled once, a tenth of a second of work, and handed to its threads, which share
 * the machine code too. Memory and known answers remain each thread's own: it trusts a build only by its own trial.
 */
export class CompiledKernels {
  readonly #modules: Map<KernelName, KernelModule>;

  /** In a thread: with what it was given. It makes a build that it was not given, if it needs one, for itself. */
  constructor(given: KernelsForThread = []) {
    this.#modules = new Map(given);
  }

  readonly source: KernelSource = (name) => {
    const module = this.#modules.get(name) ?? compileKernel(buildKernel(name));
    this.#modules.set(name, module);
    return module;
  };

  /** What has been compiled so far, and the fastest build that this engine says it can run. */
  forThread(): KernelsForThread {
    try {
      const fastest = KERNEL_NAMES.find((name) => supportsKernel(name));
      if (fastest !== undefined) void this.source(fastest);
    } catch {
      // No WebAssembly here: the thread will find the same, and take noble.
    }
    return [...this.#modules];
  }
}
