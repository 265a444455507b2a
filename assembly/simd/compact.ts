/*
 * Compaction: the lanes of a vector that are wanted, moved to the front in their order. A table maps each set of lanes
 * (lane 0 is bit 0) to the byte shuffle that does it. The lanes after them are undefined.
 *
 *     values  a b c d, lanes {1, 3}   →   b d · ·
 */

/** The bytes of the four lanes. */
const A: u32 = 0x03020100, B: u32 = 0x07060504, C: u32 = 0x0b0a0908, D: u32 = 0x0f0e0d0c;

const TO_FRONT = memory.data<u32>([
  A, A, A, A,  A, A, A, A,  B, A, A, A,  A, B, A, A,
  C, A, A, A,  A, C, A, A,  B, C, A, A,  A, B, C, A,
  D, A, A, A,  A, D, A, A,  B, D, A, A,  A, B, D, A,
  C, D, A, A,  A, C, D, A,  B, C, D, A,  A, B, C, D,
], 16);

/** The set of lanes that are not zero (NaN is not). */
// @ts-ignore: decorator
@inline
export function nonzeroLanes(values: v128): i32 {
  return i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
}

/** The shuffle, for `v128.swizzle`, that moves a set of lanes to the front. */
// @ts-ignore: decorator
@inline
export function toFront(lanes: i32): v128 {
  return v128.load(TO_FRONT + (<usize>lanes << 4));
}
