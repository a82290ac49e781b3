import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel } from "../../src/core/crypto/backend/kernel/build-kernel.ts";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../src/core/crypto/backend/wasm-backend.ts";
import { scalarOf } from "../../src/core/crypto/scalar.ts";
import { SECRET_LADDER_CONSTANT, spoiltKernel } from "./spoilt-kernel.ts";

/** Backends that compute wrong and agree with themselves: what one of them makes, it finds right. */
export const WRONG_CURVES = {
  "other generators": (curve) => ({
    ...curve,
    // Whatever it is made of: only a kernel is doubted, and the reference is not asked twice.
    name: "wasm spoilt",
    ristrettoFromHash: (bytes) => curve.ristrettoFromHash(changed(bytes)),
  }),
  "a wrong bit in each key agreement of a payment": (curve) => ({
    ...curve,
    x25519Secret: (scalar, point) => changed(curve.x25519Secret(scalar, point)),
  }),
  "a wrong bit in each coordinate of a payee": (curve) => ({
    ...curve,
    edwardsToMontgomery: (encoding) => changed(curve.edwardsToMontgomery(encoding)),
  }),
  "a spoilt constant in its ladder for secrets": () => spoiltBackend(SECRET_LADDER_CONSTANT),
  "one more in each multiple of an Edwards point": (curve) => ({
    ...curve,
    edwardsMultiplySecret: (encoding, scalar) =>
      curve.edwardsMultiplySecret(encoding, curve.scalars.add(scalar, scalarOf(1n))),
  }),
  "a wrong bit in each hash that becomes a number": (curve) => ({
    ...curve,
    scalars: { ...curve.scalars, reduceWide: (wide) => curve.scalars.reduceWide(changed(wide)) },
  }),
} as const satisfies Readonly<Record<string, (curve: CurveBackend) => CurveBackend>>;

/** A whole kernel with one bit of a constant changed, and without the known answers that would find it. */
function spoiltBackend(constant: string): CurveBackend {
  const module = new WebAssembly.Module(spoiltKernel(buildKernel("scalar"), constant) as BufferSource);
  const kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
  return createWasmBackend("spoilt", kernel, createNobleBackend());
}

function changed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0]! ^= 8;
  return copy;
}
