import type { KernelName } from "../../core/crypto/backend/kernel/kernel-layout.ts";

const CHUNKS = {
  fma: () => import("virtual:curve-kernel-fma"),
  simd: () => import("virtual:curve-kernel-simd"),
  scalar: () => import("virtual:curve-kernel-scalar"),
} as const satisfies Record<KernelName, unknown>;

/** A build of the curve kernel as the app's own build made it. */
export async function loadKernel(name: KernelName): Promise<Uint8Array> {
  const { kernel } = await CHUNKS[name]();
  return Uint8Array.from(atob(kernel), (letter) => letter.charCodeAt(0));
}
