/** Made by the build (tools/kernel-plugin.ts): the WebAssembly module of a kernel, as base64. */
declare module "virtual:curve-kernel-*" {
  export const kernel: string;
}
