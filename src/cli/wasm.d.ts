/** A WebAssembly module whose bytes the build puts into the program. */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
