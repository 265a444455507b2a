/**
 * Decompresses LZMA: what makes the kernels small enough to be carried inside the JavaScript. They are needed at once,
 * and an engine's own decompressors, where it has any, answer later; so here is one that does not wait.
 *
 * Four bytes state the length of the output; then comes one number, written in a range that every bit narrows by how
 * likely it was. The bits spell literals (a byte) and matches (a length, and how far back), and the likelihood of each
 * is learnt as it goes. The parameters are lc = lp = pb = 0: neither the byte before nor the position decides which
 * likelihoods a bit has, which suits the kernels best. Other than in LZMA, a
 * likelihood is the mean of two, one of which learns eight times as fast: 1.5 % less.
 * scripts/build/lzma.mjs writes such streams.
 *
 * @see Igor Pavlov's "LZMA specification" (7-zip.org/sdk.html, public domain), whose names are used here
 */

/** Likelihoods are of 0, in 1/32768. */
const EVEN = 16384;

// Where the likelihoods of each kind of bit begin, in one array.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + 12;
const IS_REP_G0 = IS_REP + 12;
const IS_REP_G1 = IS_REP_G0 + 12;
const IS_REP_G2 = IS_REP_G1 + 12;
const IS_REP0_LONG = IS_REP_G2 + 12;
const POS_SLOT = IS_REP0_LONG + 12;
const POS_SPECIAL = POS_SLOT + 4 * 64;
const ALIGN = POS_SPECIAL + 128;
const LENGTH = ALIGN + 16;
const LENGTH_MID = 2 + 8;
const LENGTH_HIGH = LENGTH_MID + 8;
const REP_LENGTH = LENGTH + LENGTH_HIGH + 256;
const LITERAL = REP_LENGTH + LENGTH_HIGH + 256;

/** The bytes that a stream stands for. It is trusted: a damaged one gives wrong bytes. */
export function decompressLzma(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(new DataView(input.buffer, input.byteOffset).getUint32(0, true));
  const quick = new Uint16Array(LITERAL + 0x300).fill(EVEN);
  const slow = quick.slice();

  let at = 5; // The first byte of the number is 0.
  /** The range, and where in it the number lies: in an array, as engines keep large numbers in variables slowly. */
  const coder = Uint32Array.of(0xffff_ffff, 0);
  const RANGE = 0;
  const CODE = 1;
  for (let i = 0; i < 4; i++) coder[CODE] = (coder[CODE]! << 8) | input[at++]!;

  const widen = (): void => {
    coder[RANGE] = coder[RANGE]! << 8;
    coder[CODE] = (coder[CODE]! << 8) | input[at++]!;
  };
  const bit = (index: number): number => {
    const a = quick[index]!;
    const b = slow[index]!;
    const range = coder[RANGE]!;
    const code = coder[CODE]!;
    const bound = Math.imul(range >>> 15, (a + b) >>> 1) >>> 0;
    const one = code >= bound;
    if (one) {
      coder[RANGE] = range - bound;
      coder[CODE] = code - bound;
      quick[index] = a - (a >>> 3);
      slow[index] = b - (b >>> 6);
    } else {
      coder[RANGE] = bound;
      quick[index] = a + ((2 * EVEN - a) >>> 3);
      slow[index] = b + ((2 * EVEN - b) >>> 6);
    }
    if (coder[RANGE]! < 0x100_0000) widen();
    return one ? 1 : 0;
  };
  /** `bits` bits, the highest first, each with the likelihood that belongs to those before it. */
  const tree = (start: number, bits: number): number => {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | bit(start + symbol);
    return symbol - (1 << bits);
  };
  const reverseTree = (start: number, bits: number): number => {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const one = bit(start + symbol);
      symbol = (symbol << 1) | one;
      value |= one << i;
    }
    return value;
  };
  /** `bits` bits, 0 as likely as 1. */
  const directBits = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      coder[RANGE]! >>>= 1;
      const one = coder[CODE]! >= coder[RANGE]! ? 1 : 0;
      if (one === 1) coder[CODE]! -= coder[RANGE]!;
      value = (value << 1) | one;
      if (coder[RANGE]! < 0x100_0000) widen();
    }
    return value;
  };
  const readLength = (start: number): number => {
    if (bit(start) === 0) return tree(start + 2, 3);
    if (bit(start + 1) === 0) return 8 + tree(start + LENGTH_MID, 3);
    return 16 + tree(start + LENGTH_HIGH, 8);
  };
  const readDistance = (length: number): number => {
    const slot = tree(POS_SLOT + 64 * Math.min(length, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) << bits;
    if (slot < 14) return high + reverseTree(POS_SPECIAL + high - slot, bits);
    return high + (directBits(bits - 4) << 4) + reverseTree(ALIGN, 4);
  };

  /** Of what kind the last few were: below 7 a literal was last. */
  let state = 0;
  /** How far back the last four matches began, less one. */
  let [rep0, rep1, rep2, rep3] = [0, 0, 0, 0];
  for (let to = 0; to < output.length; ) {
    if (bit(IS_MATCH + state) === 0) {
      let symbol = 1;
      // After a match, the byte that it would have gone on with is most likely not the one that comes.
      for (let match = state < 7 ? -1 : output[to - rep0 - 1]!; match >= 0 && symbol < 0x100; match <<= 1) {
        const expected = (match >> 7) & 1;
        symbol = (symbol << 1) | bit(LITERAL + ((1 + expected) << 8) + symbol);
        if ((symbol & 1) !== expected) break;
      }
      while (symbol < 0x100) symbol = (symbol << 1) | bit(LITERAL + symbol);
      output[to++] = symbol;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let length: number;
    if (bit(IS_REP + state) === 0) {
      [rep3, rep2, rep1] = [rep2, rep1, rep0];
      length = 2 + readLength(LENGTH);
      rep0 = readDistance(length - 2);
      state = state < 7 ? 7 : 10;
    } else {
      const again = bit(IS_REP_G0 + state) === 0;
      const single = again && bit(IS_REP0_LONG + state) === 0;
      if (!again) {
        if (bit(IS_REP_G1 + state) === 0) [rep0, rep1] = [rep1, rep0];
        else if (bit(IS_REP_G2 + state) === 0) [rep0, rep1, rep2] = [rep2, rep0, rep1];
        else [rep0, rep1, rep2, rep3] = [rep3, rep0, rep1, rep2];
      }
      length = single ? 1 : 2 + readLength(REP_LENGTH);
      state = state < 7 ? (single ? 9 : 8) : 11;
    }
    for (const end = to + length; to < end; to++) output[to] = output[to - rep0 - 1]!;
  }
  return output;
}
