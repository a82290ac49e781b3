import type { Plugin } from "vite";
import { buildKernel } from "../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES } from "../src/core/crypto/backend/kernel/kernel-layout.ts";

const PREFIX = "virtual:curve-kernel-";
/** Marks a module as ours, by the convention of bundlers. */
const OWN = "\0";

/**
 * `import("virtual:curve-kernel-fma")` brings a build of the curve kernel as base64 text in a chunk of its own: made once,
 * in the build, and fetched only by whom it serves.
 */
export function curveKernels(): Plugin {
  return {
    name: "curve-kernels",
    resolveId: (id) => (id.startsWith(PREFIX) ? OWN + id : undefined),
    load(id) {
      const name = KERNEL_NAMES.find((each) => id === `${OWN}${PREFIX}${each}`);
      if (name === undefined) return undefined;
      return `export const kernel = "${Buffer.from(buildKernel(name)).toString("base64")}";`;
    },
  };
}
