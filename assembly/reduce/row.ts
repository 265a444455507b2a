// One contiguous row: the steps of softmax, log-sum-exp and cross-entropy. The order depends on the length alone.
import { f32x4_exp_below_0 } from '../simd/exp';
import { f32x4_log } from '../simd/log';
import { f32x4_hmax, f64x2_from_high, f64x2_from_low, f64x2_hsum, x32x4_load_tail } from '../simd/vector';

/**
 * The largest of `count` floats that are numbers: −∞ of none. (A NaN need not show here: it does in the sum that
 * follows.)
 */
// @ts-ignore: decorator
@inline
export function rowMax(x: usize, count: i32): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a;
  const pairs = x + (<usize>(count & ~7) << 2);
  const last = x + (<usize>count << 2);
  let at = x;
  for (; at < pairs; at += 32) {
    a = f32x4.pmax(a, v128.load(at));
    b = f32x4.pmax(b, v128.load(at, 16));
  }
  let largest = f32x4_hmax(f32x4.pmax(a, b));
  for (; at < last; at += 4) {
    const value = load<f32>(at);
    if (value > largest) largest = value;
  }
  return largest;
}

/**
 * Σ e^(x − shift), no x above shift, neighbouring fours added in single, the rest in double precision. Where `to` is
 * not 0, the terms are written there.
 */
// @ts-ignore: decorator
@inline
export function rowExpSum(x: usize, count: i32, shift: f32, to: usize): f64 {
  const m = f32x4.splat(shift);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const pairs = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const e = f32x4_exp_below_0(f32x4.sub(v128.load(x + at), m));
    const f = f32x4_exp_below_0(f32x4.sub(v128.load(x + at, 16), m));
    if (to != 0) {
      v128.store(to + at, e);
      v128.store(to + at, f, 16);
    }
    const both = f32x4.add(e, f);
    low = f64x2.add(low, f64x2_from_low(both));
    high = f64x2.add(high, f64x2_from_high(both));
  }
  if ((count & 4) != 0) {
    const e = f32x4_exp_below_0(f32x4.sub(v128.load(x + at), m));
    if (to != 0) v128.store(to + at, e);
    low = f64x2.add(low, f64x2_from_low(e));
    high = f64x2.add(high, f64x2_from_high(e));
    at += 16;
  }
  let sum = f64x2_hsum(f64x2.add(low, high));
  const rest = count & 3;
  if (rest > 0) {
    let e = f32x4_exp_below_0(f32x4.sub(x32x4_load_tail(x + at, rest), m));
    for (let i = 0; i < rest; i++) {
      const term = f32x4.extract_lane(e, 0);
      if (to != 0) store<f32>(to + at + (<usize>i << 2), term);
      sum += <f64>term;
      e = v128.shuffle<i32>(e, e, 1, 2, 3, 3);
    }
  }
  return sum;
}

/** log x of one number. */
export function logOf(x: f32): f32 {
  return f32x4.extract_lane(f32x4_log(f32x4.splat(x)), 0);
}
