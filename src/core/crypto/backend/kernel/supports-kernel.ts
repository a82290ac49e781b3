import { parseHex } from "../../../bytes/hex.ts";
import type { KernelName } from "./kernel-layout.ts";

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

/** Modules of one instruction that only engines with all a build needs accept. */
const PROBES: Readonly<Record<KernelName, string>> = {
  // f64x2.relaxed_madd
  fma: "0061736d01000000010401600000030201000503010000070a01066d656d6f727902000a11010f01017b200020002000fd870221000b",
  // f64x2.add
  simd: "0061736d01000000010401600000030201000503010000070a01066d656d6f727902000a0f010d01017b20002000fdf00121000b",
  // f64.add
  scalar: "0061736d01000000010401600000030201000503010000070a01066d656d6f727902000a0d010b01017c20002000a021000b",
};

/** Whether this engine has what a build needs: what cannot run is not even brought. */
export function supportsKernel(name: KernelName): boolean {
  return WebAssembly.validate(parseHex(PROBES[name]));
}
