import { assertShare, assertWords } from '../assert';

/**
 * Elements [begin, end) of another type. y and x must not overlap.
 * Float to integer truncates towards zero and saturates at the ends of the range; NaN gives 0.
 */

/** y = (i32) x */
export function f32_to_i32(y: usize, x: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, i32x4.trunc_sat_f32x4_s(v128.load(x + i)));
  for (; i < last; i += 4) v128.store_lane<i32>(y + i, i32x4.trunc_sat_f32x4_s(v128.load32_splat(x + i)), 0);
}

/** y = (u8) x: 0 below, 255 above */
export function f32_to_u8(y: usize, x: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(x);
  let i = begin;
  for (; i + 4 <= end; i += 4) v128.store_lane<u32>(y + <usize>i, truncateToBytes(v128.load(x + (<usize>i << 2))), 0);
  for (; i < end; i++) v128.store_lane<u8>(y + <usize>i, truncateToBytes(v128.load32_splat(x + (<usize>i << 2))), 0);
}

/** y = (f32) x, rounded to nearest, ties to even, above 2²⁴ */
export function i32_to_f32(y: usize, x: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, f32x4.convert_i32x4_s(v128.load(x + i)));
  for (; i < last; i += 4) store<f32>(y + i, <f32>load<i32>(x + i));
}

/** y = x mod 256: the low byte, as in PyTorch */
export function i32_to_u8(y: usize, x: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(x);
  for (let i = begin; i < end; i++) store<u8>(y + <usize>i, load<u8>(x + (<usize>i << 2)));
}

/** y = (f32) x */
export function u8_to_f32(y: usize, x: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y);
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x + <usize>i)));
    v128.store(y + (<usize>i << 2), f32x4.convert_i32x4_s(wide));
  }
  for (; i < end; i++) store<f32>(y + (<usize>i << 2), <f32>load<u8>(x + <usize>i));
}

/** y = (i32) x */
export function u8_to_i32(y: usize, x: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y);
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    v128.store(y + (<usize>i << 2), i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x + <usize>i))));
  }
  for (; i < end; i++) store<i32>(y + (<usize>i << 2), <i32>load<u8>(x + <usize>i));
}

/** Four floats as the first four bytes; every narrowing saturates. */
// @ts-ignore: decorator
@inline
function truncateToBytes(x: v128): v128 {
  const words = i32x4.trunc_sat_f32x4_s(x);
  const halves = i16x8.narrow_i32x4_s(words, words);
  return i8x16.narrow_i16x8_u(halves, halves);
}
