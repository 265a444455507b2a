/** The part of the npm package that the build and the tests use. */
declare module 'lzma/src/lzma_worker.js' {
  const lzma: { LZMA_WORKER: { compress(bytes: Uint8Array, level: number): number[] } };
  export default lzma;
}
