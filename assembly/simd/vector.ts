/**
 * Four floats at a time. All helpers are inlined; none depends on anything but its arguments, so a lane has the same
 * bits whatever stands in the other lanes.
 */

/** a·b + c, rounded after each step; in the relaxed builds as the engine likes, fused or not. */
// @ts-ignore: decorator
@inline
export function f32x4_madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the lanes, always as (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function f32x4_hsum(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Largest lane; NaN if any lane is. */
// @ts-ignore: decorator
@inline
export function f32x4_hmax(v: v128): f32 {
  const pairs = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** Sum of the two lanes of a vector of doubles. */
// @ts-ignore: decorator
@inline
export function f64x2_hsum(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Lanes 0 and 1 as doubles. */
// @ts-ignore: decorator
@inline
export function f64x2_from_low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** Lanes 2 and 3 as doubles. */
// @ts-ignore: decorator
@inline
export function f64x2_from_high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** Lane by lane: mask ? a : b. Mask lanes are all ones or all zeros, as comparisons leave them. */
// @ts-ignore: decorator
@inline
export function f32x4_select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** The last 1 to 3 elements of a row, read without touching what lies behind them; the other lanes are 0. */
// @ts-ignore: decorator
@inline
export function x32x4_load_tail(from: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return count == 2 ? two : v128.load_lane<f32>(from, two, 2, 8);
}

/** Writes the first 1 to 3 lanes and nothing behind them. */
// @ts-ignore: decorator
@inline
export function x32x4_store_tail(to: usize, v: v128, count: i32): void {
  if (count == 1) {
    v128.store_lane<f32>(to, v, 0);
  } else {
    v128.store_lane<f64>(to, v, 0);
    if (count == 3) v128.store_lane<f32>(to, v, 2, 8);
  }
}
