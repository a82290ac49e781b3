import { buildKernel } from "../../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES, type KernelName } from "../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { openBackend } from "../../src/core/crypto/backend/open-backend.ts";

/**
 * The builds of the kernel that know their answers on this machine's processor, the fastest first: those of Chromium,
 * too, as it runs them by the same engine as Node. Without a fused multiply-add `fma` is not among them.
 */
export async function kernelsHere(): Promise<readonly KernelName[]> {
  const kernels: KernelName[] = [];
  for (const name of KERNEL_NAMES) {
    if ((await openBackend(buildKernel, name)).name === shownBackend(name)) kernels.push(name);
  }
  return kernels;
}

/** What the settings, the network and its nodes call a backend; that of no kernel is the reference. */
export function shownBackend(kernel: KernelName | undefined): string {
  return kernel === undefined ? "noble" : `wasm ${kernel}`;
}
