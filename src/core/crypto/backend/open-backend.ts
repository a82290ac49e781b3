import type { Brand } from "../../values/brand.ts";
import type { CurveBackend } from "./curve-backend.ts";
import { KERNEL_NAMES, type KernelName } from "./kernel/kernel-layout.ts";
import { supportsKernel } from "./kernel/supports-kernel.ts";
import { knowsItsAnswers } from "./known-answers.ts";
import { createNobleBackend } from "./noble-backend.ts";
import { createWasmBackend, type Kernel } from "./wasm-backend.ts";

/** A compiled build. It holds no memory of its own, and may be posted to another thread, which then compiles nothing. */
export type KernelModule = Brand<object, "KernelModule">;

/** The one global of core: pure computation, in every browser and in Node. ES2023 does not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => KernelModule;
  readonly Instance: new (module: KernelModule) => { readonly exports: unknown };
};

/** What may be asked for by name. */
export const BACKEND_NAMES = [...KERNEL_NAMES, "noble"] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

/** Brings a build: `buildKernel` where it may take its time, else ready-made, as bytes or compiled. */
export type KernelSource = (name: KernelName) => Promise<Uint8Array> | Uint8Array | KernelModule;

/** Throws where the engine does not take the bytes, or has no WebAssembly. */
export function compileKernel(bytes: Uint8Array): KernelModule {
  return new WebAssembly.Module(bytes);
}

/**
 * The fastest backend that this engine has and that gives the known answers, noble at the worst; `only` takes one and no
 * other, and noble where that one is not to be had. Every worker asks for itself. A build that cannot be brought, or
 * that is wrong here, is passed over.
 */
export async function openBackend(source: KernelSource, only?: BackendName): Promise<CurveBackend> {
  const noble = createNobleBackend();
  for (const name of KERNEL_NAMES) {
    if (only !== undefined && only !== name) continue;
    const backend = await openKernel(name, source, noble);
    if (backend !== undefined) return backend;
  }
  return noble;
}

async function openKernel(
  name: KernelName,
  source: KernelSource,
  rest: CurveBackend,
): Promise<CurveBackend | undefined> {
  try {
    if (!supportsKernel(name)) return undefined;
    const brought = await source(name);
    const module = brought instanceof Uint8Array ? compileKernel(brought) : brought;
    const kernel = new WebAssembly.Instance(module).exports as Kernel;
    const backend = createWasmBackend(`wasm ${name}`, kernel, rest);
    return knowsItsAnswers(backend) ? backend : undefined;
  } catch {
    // No WebAssembly here, or none allowed; not there, late, or damaged on its way: the next one serves, only slower.
    return undefined;
  }
}
