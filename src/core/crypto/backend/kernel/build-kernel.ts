import { FMA_FIELD } from "./fma-field.ts";
import type { KernelName } from "./kernel-layout.ts";
import { buildMontgomeryKernel } from "./montgomery-kernel.ts";

const FIELDS = { fma: FMA_FIELD } as const satisfies Record<KernelName, unknown>;

/** The WebAssembly module of a build: the same bytes every time. Takes 20 to 150 ms; pages get it ready-made. */
export function buildKernel(name: KernelName): Uint8Array {
  return buildMontgomeryKernel(FIELDS[name]);
}
