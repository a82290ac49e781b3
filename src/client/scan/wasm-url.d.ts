/** Where the build puts a WebAssembly file. */
declare module "*.wasm?url" {
  const url: string;
  export { url as default };
}
