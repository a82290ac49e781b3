import type { KernelName } from "../../core/crypto/backend/kernel/kernel-layout.ts";

const CHUNKS = {
  fma: () => import("virtual:curve-kernel-fma"),
  simd: () => import("virtual:curve-kernel-simd"),
  scalar: () => import("virtual:curve-kernel-scalar"),
} as const satisfies Record<KernelName, unknown>;

/** A network that says nothing must not hold a scan back: it goes on without a kernel, more slowly. */
const LOAD_MS = 5_000;

/** A build of the curve kernel as the app's own build made it. Rejects where it has not come within 5 s. */
export async function loadKernel(name: KernelName): Promise<Uint8Array> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error("the kernel is late")), LOAD_MS);
  });
  const { kernel } = await Promise.race([CHUNKS[name](), late]);
  return Uint8Array.from(atob(kernel), (letter) => letter.charCodeAt(0));
}
