/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a bijection of a
 * 128-bit counter under a 64-bit key. Ten rounds of
 *
 *   c0' = hi(M1·c2) ^ c1 ^ k0    c1' = lo(M1·c2)    c2' = hi(M0·c0) ^ c3 ^ k1    c3' = lo(M0·c0)
 *
 * with k0 += W0 and k1 += W1 between rounds. Here everywhere
 *
 *   key     = (seed, stream)
 *   counter = (block, attempt, draw, 0)    attempt: 0, then 1, 2, … for an integer that has to be drawn again
 *
 * A fill works on groups of 16 elements, four blocks side by side in the lanes of a vector: element 16·g + 4·w + l is
 * word w of block 4·g + l. So an element's number depends on its place alone, not on how a fill is split.
 */
import { Emit } from './emit';

const M0: u32 = 0xd2511f53;
const M1: u32 = 0xcd9e8d57;
const W0: u32 = 0x9e3779b9;
const W1: u32 = 0xbb67ae85;

/** Word 0 to 3 of the block that Philox4x32-10 makes of counter (c0, c1, c2, c3) under key (k0, k1). */
export function u32_philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, word: i32): u32 {
  for (let round = 0; round < 10; round++) {
    const p0 = <u64>M0 * <u64>c0;
    const p1 = <u64>M1 * <u64>c2;
    c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
    c1 = <u32>p1;
    c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
    c3 = <u32>p0;
    k0 += W0;
    k1 += W1;
  }
  return word == 0 ? c0 : word == 1 ? c1 : word == 2 ? c2 : c3;
}

/** The word that belongs to `element`, drawn anew: `attempt` is 1 or more (0 gives what a fill gives). */
export function redraw(element: i32, attempt: i32, seed: i32, stream: i32, draw: i32): u32 {
  const block = ((element >> 4) << 2) | (element & 3);
  return u32_philox(block, attempt, draw, 0, seed, stream, (element >> 2) & 3);
}

/** The low (even) or high (odd) halves of four 64-bit products, from the two vectors of two that hold them. */
// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 { return v128.shuffle<u32>(a, b, 0, 2, 4, 6); }
// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 { return v128.shuffle<u32>(a, b, 1, 3, 5, 7); }

/**
 * Hands the numbers of elements [begin, end), and of the rest of the groups they are in, to `Op`, a group at a time.
 */
// @ts-ignore: decorator
@inline
export function fill<Op extends Emit>(
  out: usize, seed: i32, stream: i32, draw: i32, a: f32, b: f32, limit: f32, begin: i32, end: i32,
): void {
  if (begin >= end) return;
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  const w0 = i32x4.splat(W0);
  const w1 = i32x4.splat(W1);
  for (let group = begin & ~15; group < end; group += 16) {
    let c0 = i32x4.add(i32x4.splat(group >> 2), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(0);
    let c2 = i32x4.splat(draw);
    let c3 = i32x4.splat(0);
    let k0 = i32x4.splat(seed);
    let k1 = i32x4.splat(stream);
    for (let round = 0; round < 10; round++) {
      const a0 = i64x2.extmul_low_i32x4_u(m0, c0);
      const b0 = i64x2.extmul_high_i32x4_u(m0, c0);
      const a1 = i64x2.extmul_low_i32x4_u(m1, c2);
      const b1 = i64x2.extmul_high_i32x4_u(m1, c2);
      c0 = v128.xor(v128.xor(high(a1, b1), c1), k0);
      c2 = v128.xor(v128.xor(high(a0, b0), c3), k1);
      c1 = low(a1, b1);
      c3 = low(a0, b0);
      k0 = i32x4.add(k0, w0);
      k1 = i32x4.add(k1, w1);
    }
    changetype<Op>(0).emit(out, group, begin, end, c0, c1, c2, c3, a, b, limit);
  }
}
