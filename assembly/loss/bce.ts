import { OptionalAddress } from '../optional';
import { f32x4_exp_below_0 } from '../simd/exp';
import { f32x4_log1p_exp } from '../simd/log';
import { f32x4_select, x32x4_load_tail, x32x4_store_tail } from '../simd/vector';

/** negative·(1 − t) + positive·p·t: neither cancels the other, where one of them is nearly 0. */
// @ts-ignore: decorator
@inline
function mixed(negative: v128, positive: v128, t: v128, p: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(f32x4.splat(1), t), negative), f32x4.mul(f32x4.mul(p, t), positive));
}

/** log(1 + eˣ) and log(1 + e⁻ˣ) are max(±x, 0) + log(1 + e^−|x|). */
// @ts-ignore: decorator
@inline
function value(x: v128, t: v128, p: v128): v128 {
  const zero = f32x4.splat(0);
  const rest = f32x4_log1p_exp(f32x4.neg(f32x4.abs(x)));
  return mixed(f32x4.add(f32x4.max(x, zero), rest), f32x4.add(f32x4.max(f32x4.neg(x), zero), rest), t, p);
}

/**
 * y = (1 − t)·log(1 + eˣ) + p·t·log(1 + e⁻ˣ) for the elements [begin, end). p = 0: all 1.
 * @work (end - begin) * 16
 */
export function f32_bce_forward(y: usize, x: usize, t: usize, p: OptionalAddress, begin: i32, end: i32): void {
  const one = f32x4.splat(1);
  const last = <usize>end << 2;
  let i = <usize>begin << 2;
  for (; i + 16 <= last; i += 16) {
    v128.store(y + i, value(v128.load(x + i), v128.load(t + i), p == 0 ? one : v128.load(p + i)));
  }
  const rest = <i32>(last - i) >> 2;
  if (rest > 0) {
    const weight = p == 0 ? one : x32x4_load_tail(p + i, rest);
    x32x4_store_tail(y + i, value(x32x4_load_tail(x + i, rest), x32x4_load_tail(t + i, rest), weight), rest);
  }
}

/** σ(|x|) = 1 / (1 + e) and σ(−|x|) = e / (1 + e) with e = e^−|x|. */
// @ts-ignore: decorator
@inline
function slopeX(dy: v128, x: v128, t: v128, p: v128): v128 {
  const e = f32x4_exp_below_0(f32x4.neg(f32x4.abs(x)));
  const sum = f32x4.add(f32x4.splat(1), e);
  const large = f32x4.div(f32x4.splat(1), sum);
  const small = f32x4.div(e, sum);
  const below = f32x4.lt(x, f32x4.splat(0));
  return f32x4.mul(dy, mixed(f32x4_select(below, small, large), f32x4.neg(f32x4_select(below, large, small)), t, p));
}

/**
 * dx = dy·((1 − t)·σ(x) − p·t·σ(−x)) for the elements [begin, end). p = 0: all 1.
 * @work (end - begin) * 12
 */
export function f32_bce_backward(
  dx: usize, dy: usize, x: usize, t: usize, p: OptionalAddress, begin: i32, end: i32,
): void {
  const one = f32x4.splat(1);
  const last = <usize>end << 2;
  let i = <usize>begin << 2;
  for (; i + 16 <= last; i += 16) {
    v128.store(dx + i, slopeX(v128.load(dy + i), v128.load(x + i), v128.load(t + i), p == 0 ? one : v128.load(p + i)));
  }
  const rest = <i32>(last - i) >> 2;
  if (rest > 0) {
    const weight = p == 0 ? one : x32x4_load_tail(p + i, rest);
    const dyTail = x32x4_load_tail(dy + i, rest);
    const slope = slopeX(dyTail, x32x4_load_tail(x + i, rest), x32x4_load_tail(t + i, rest), weight);
    x32x4_store_tail(dx + i, slope, rest);
  }
}
