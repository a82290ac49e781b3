import type { KernelField } from "./field-code.ts";
import { SCALAR_FLOAT_FIELD, VECTOR_FLOAT_FIELD } from "./float-field.ts";
import { FMA_FIELD } from "./fma-field.ts";
import type { KernelName } from "./kernel-layout.ts";
import { buildMontgomeryKernel } from "./montgomery-kernel.ts";

const FIELDS: Readonly<Record<KernelName, KernelField>> = {
  fma: FMA_FIELD,
  simd: VECTOR_FLOAT_FIELD,
  scalar: SCALAR_FLOAT_FIELD,
};

/** The WebAssembly module of a build: the same bytes every time. Takes 20 to 150 ms; pages get it ready-made. */
export function buildKernel(name: KernelName): Uint8Array {
  return buildMontgomeryKernel(FIELDS[name]);
}
