import { f32x4_madd, x32x4_load_tail, x32x4_store_tail } from '../simd/vector';

/** `count` elements, 1 to 4, the other lanes 0: with the literal 4 in the loop, one line serves it and its tail. */
// @ts-ignore: decorator
@inline
export function read(address: usize, count: i32): v128 {
  return count == 4 ? v128.load(address) : x32x4_load_tail(address, count);
}

/** Writes the first `count` lanes, 1 to 4. */
// @ts-ignore: decorator
@inline
export function write(address: usize, value: v128, count: i32): void {
  if (count == 4) v128.store(address, value);
  else x32x4_store_tail(address, value, count);
}

/** The gradient to descend by: sign·g + weightDecay·p. */
// @ts-ignore: decorator
@inline
export function descent(p: v128, g: v128, sign: f32, weightDecay: f32): v128 {
  return f32x4_madd(f32x4.splat(weightDecay), p, f32x4.mul(f32x4.splat(sign), g));
}
