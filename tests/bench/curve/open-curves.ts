import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import { KERNEL_NAMES } from "../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import { openBackend, type BackendName, type KernelSource } from "../../../src/core/crypto/backend/open-backend.ts";

/** Every backend, the fastest first. */
export const BACKEND_NAMES = [...KERNEL_NAMES, "noble"] as const satisfies readonly BackendName[];

/** Those backends that this engine has. */
export async function openCurves(source: KernelSource): Promise<ReadonlyMap<BackendName, CurveBackend>> {
  const curves = new Map<BackendName, CurveBackend>();
  for (const name of KERNEL_NAMES) {
    const curve = await openBackend(source, name);
    if (curve.name === `wasm ${name}`) curves.set(name, curve);
  }
  return curves.set("noble", createNobleBackend());
}

/** The one that a device would take. */
export function fastestOf<T>(entries: ReadonlyMap<BackendName, T>): T {
  const name = BACKEND_NAMES.find((candidate) => entries.has(candidate));
  if (name === undefined) throw new RangeError("no backend");
  return entries.get(name)!;
}
