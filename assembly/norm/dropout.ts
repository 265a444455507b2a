import { assertShare, assertWords } from '../assert';
import { loadPart, storePart } from '../simd/part';

/** Four (or `count`) bytes 0 or 1 as lanes of all zeros or all ones. */
// @ts-ignore: decorator
@inline
function lanes(mask: usize, count: i32): v128 {
  if (count == 4) {
    const bytes = v128.load32_zero(mask);
    return i32x4.neg(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)));
  }
  let result = i32x4.splat(-<i32>load<u8>(mask));
  if (count > 1) result = i32x4.replace_lane(result, 1, -<i32>load<u8>(mask, 1));
  if (count > 2) result = i32x4.replace_lane(result, 2, -<i32>load<u8>(mask, 2));
  return result;
}

// @ts-ignore: decorator
@inline
function keep(y: usize, x: usize, mask: usize, scale: f32, count: i32): void {
  storePart(y, v128.and(f32x4.mul(loadPart(x, count), f32x4.splat(scale)), lanes(mask, count)), count);
}

/** y[i] = mask[i] ? x[i]·scale : 0 for i in [begin, end), mask bytes of 0 and 1. Forward and backward. y may be x. */
export function f32_dropout(y: usize, x: usize, mask: usize, scale: f32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x);
  let i = begin;
  for (; i + 4 <= end; i += 4) keep(y + (<usize>i << 2), x + (<usize>i << 2), mask + i, scale, 4);
  if (i < end) keep(y + (<usize>i << 2), x + (<usize>i << 2), mask + i, scale, end - i);
}
