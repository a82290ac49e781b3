import { addEdwards } from "./edwards-kernel.ts";
import type { FieldCode, KernelField } from "./field-code.ts";
import { SCALAR_FLOAT_FIELD, VECTOR_FLOAT_FIELD } from "./float-field.ts";
import { FMA_FIELD } from "./fma-field.ts";
import { addHashes } from "./hash-kernel.ts";
import { INTEGER_FIELD } from "./integer-field.ts";
import type { KernelName } from "./kernel-layout.ts";
import { addKeyAgreement } from "./montgomery-kernel.ts";
import { addOrderArithmetic } from "./order-kernel.ts";
import { addTags } from "./tags-kernel.ts";
import { WasmModule } from "./wasm-code.ts";

const PAGE_SIZE = 64 * 1024;

/** The fields of a build: of what works on Edwards points, and of key agreements, which have many points for one scalar. */
interface KernelFields {
  readonly edwards: KernelField;
  readonly montgomery: KernelField<FieldCode>;
}

const FIELDS: Readonly<Record<KernelName, KernelFields>> = {
  fma: { edwards: FMA_FIELD, montgomery: FMA_FIELD },
  simd: { edwards: VECTOR_FLOAT_FIELD, montgomery: INTEGER_FIELD },
  scalar: { edwards: SCALAR_FLOAT_FIELD, montgomery: SCALAR_FLOAT_FIELD },
};

/** The WebAssembly module of a build: the same bytes every time. Takes 20 to 150 ms; pages get it ready-made. */
export function buildKernel(name: KernelName): Uint8Array {
  return buildKernelOver(FIELDS[name]);
}

/** The same over fields of the caller's. Each part begins its memory at 0: only one of them is at work at a time. */
export function buildKernelOver({ edwards, montgomery }: KernelFields): Uint8Array {
  const module = new WasmModule();
  const ends = [
    addKeyAgreement(module, montgomery),
    addTags(module),
    addHashes(module),
    addOrderArithmetic(module),
    addEdwards(module, edwards),
  ];
  return module.encode(Math.ceil(Math.max(...ends) / PAGE_SIZE));
}
