/**
 * The first MNIST training digits, which run.mjs embeds when it builds the suite: one byte of class and 784 pixels
 * each.
 */
declare module 'digits' {
  const digits: Uint8Array;
  export default digits;
}
