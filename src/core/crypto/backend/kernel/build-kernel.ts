import { addEdwards } from "./edwards-kernel.ts";
import type { KernelField } from "./field-code.ts";
import { SCALAR_FLOAT_FIELD, VECTOR_FLOAT_FIELD } from "./float-field.ts";
import { FMA_FIELD } from "./fma-field.ts";
import type { KernelName } from "./kernel-layout.ts";
import { addKeyAgreement } from "./montgomery-kernel.ts";
import { addOrderArithmetic } from "./order-kernel.ts";
import { addTags } from "./tags-kernel.ts";
import { WasmModule } from "./wasm-code.ts";

const PAGE_SIZE = 64 * 1024;

const FIELDS: Readonly<Record<KernelName, KernelField>> = {
  fma: FMA_FIELD,
  simd: VECTOR_FLOAT_FIELD,
  scalar: SCALAR_FLOAT_FIELD,
};

/** The parts of a kernel. Each begins its memory at 0: only one of them is at work at a time. */
const PARTS = [addKeyAgreement, addTags, addOrderArithmetic, addEdwards] as const;

/** The WebAssembly module of a build: the same bytes every time. Takes 20 to 150 ms; pages get it ready-made. */
export function buildKernel(name: KernelName): Uint8Array {
  return buildKernelOver(FIELDS[name]);
}

/** The same over a field of the caller's. */
export function buildKernelOver(field: KernelField): Uint8Array {
  const module = new WasmModule();
  const ends = PARTS.map((addPart) => addPart(module, field));
  return module.encode(Math.ceil(Math.max(...ends) / PAGE_SIZE));
}
