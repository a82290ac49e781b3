import type { CurveBackend } from "./curve-backend.ts";
import type { EdwardsKernel } from "./edwards-memory.ts";
import {
  BATCH_POINTS,
  INPUT_AT,
  KEY_AGREEMENT_END,
  OUTPUT_AT,
  SCALAR_AT,
  SCALAR_BITS,
} from "./kernel/kernel-layout.ts";
import type { OrderKernel } from "./scalar-memory.ts";
import { createEdwardsMethods } from "./wasm-edwards.ts";
import { createWasmScalars } from "./wasm-scalars.ts";
import { createSha512Batch, type HashKernel } from "./wasm-hashes.ts";
import { createTagsBatch, type TagsKernel } from "./wasm-tags.ts";

/** What a kernel module exports (`kernel/build-kernel.ts`). */
export interface Kernel extends EdwardsKernel, TagsKernel, HashKernel, OrderKernel {
  /** Multiplies the first `count` points of its memory. */
  x25519(count: number): void;
}

const ELEMENT_SIZE = 32;

/**
 * A backend whose work is done in a WebAssembly kernel. Key agreements of a batch branch on the scalar: a view key, at home
 * (PR-9); what is secret beyond that has methods of its own, in fixed time. The kernel's memory is wiped after each call.
 * `rest` does everything else. Once for each kernel: two backends would lay their tables over each other's.
 */
export function createWasmBackend(name: string, kernel: Kernel, rest: CurveBackend): CurveBackend {
  const memory = new Uint8Array(kernel.memory.buffer);

  return {
    ...rest,
    ...createEdwardsMethods(kernel),
    name,
    tagsBatch: createTagsBatch(kernel),
    sha512Batch: createSha512Batch(kernel),
    scalars: createWasmScalars(kernel),
    x25519Batch(scalar, uCoordinates) {
      if (scalar.length !== ELEMENT_SIZE) throw new RangeError(`scalar of ${scalar.length} bytes`);
      if (uCoordinates.length % ELEMENT_SIZE !== 0) throw new RangeError("no list of coordinates");
      const products = new Uint8Array(uCoordinates.length);
      for (let at = 0; at < uCoordinates.length; at += ELEMENT_SIZE * BATCH_POINTS) {
        const part = uCoordinates.subarray(at, at + ELEMENT_SIZE * BATCH_POINTS);
        try {
          writeClampedBits(memory.subarray(SCALAR_AT, SCALAR_AT + SCALAR_BITS), scalar);
          memory.set(part, INPUT_AT);
          kernel.x25519(part.length / ELEMENT_SIZE);
          products.set(memory.subarray(OUTPUT_AT, OUTPUT_AT + part.length), at);
        } finally {
          memory.fill(0, 0, KEY_AGREEMENT_END);
        }
      }
      return products;
    },
  };
}

/** RFC 7748: a multiple of 8 with bit 254 set, a byte for each bit. */
function writeClampedBits(out: Uint8Array, scalar: Uint8Array): void {
  const top = SCALAR_BITS - 1;
  for (let bit = 3; bit < top; bit++) out[bit] = (scalar[bit >> 3]! >> (bit & 7)) & 1;
  out[top] = 1;
}
