import { f32x4_log1p_exp } from '../simd/log';
import { f32x4_sigmoid } from '../simd/sigmoid';
import { x32x4_load_tail, x32x4_store_tail } from '../simd/vector';

/** How much the logarithm counts: 1 + (p − 1)·t. */
// @ts-ignore: decorator
@inline
function counted(t: v128, p: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.add(one, f32x4.mul(f32x4.sub(p, one), t));
}

// @ts-ignore: decorator
@inline
function value(x: v128, t: v128, p: v128): v128 {
  const certain = f32x4.mul(f32x4.sub(f32x4.splat(1), t), x);
  return f32x4.add(certain, f32x4.mul(counted(t, p), f32x4_log1p_exp(f32x4.neg(x))));
}

/**
 * y = (1 − t)·x + (1 + (p − 1)·t)·log(1 + e^−x) for the elements [begin, end). p = 0: all 1.
 * @work (end - begin) * 16
 */
export function f32_bce_forward(y: usize, x: usize, t: usize, p: usize, begin: i32, end: i32): void {
  const one = f32x4.splat(1);
  const last = <usize>end << 2;
  let i = <usize>begin << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, value(v128.load(x + i), v128.load(t + i), p == 0 ? one : v128.load(p + i)));
  const rest = <i32>(last - i) >> 2;
  if (rest > 0) x32x4_store_tail(y + i, value(x32x4_load_tail(x + i, rest), x32x4_load_tail(t + i, rest), p == 0 ? one : x32x4_load_tail(p + i, rest)), rest);
}

// @ts-ignore: decorator
@inline
function slopeX(dy: v128, x: v128, t: v128, p: v128): v128 {
  const certain = f32x4.sub(f32x4.splat(1), t);
  return f32x4.mul(dy, f32x4.sub(certain, f32x4.mul(counted(t, p), f32x4_sigmoid(f32x4.neg(x)))));
}

/**
 * dx = dy·(1 − t − (1 + (p − 1)·t)·σ(−x)) for the elements [begin, end). p = 0: all 1.
 * @work (end - begin) * 12
 */
export function f32_bce_backward(dx: usize, dy: usize, x: usize, t: usize, p: usize, begin: i32, end: i32): void {
  const one = f32x4.splat(1);
  const last = <usize>end << 2;
  let i = <usize>begin << 2;
  for (; i + 16 <= last; i += 16) v128.store(dx + i, slopeX(v128.load(dy + i), v128.load(x + i), v128.load(t + i), p == 0 ? one : v128.load(p + i)));
  const rest = <i32>(last - i) >> 2;
  if (rest > 0) {
    const weight = p == 0 ? one : x32x4_load_tail(p + i, rest);
    x32x4_store_tail(dx + i, slopeX(x32x4_load_tail(dy + i, rest), x32x4_load_tail(x + i, rest), x32x4_load_tail(t + i, rest), weight), rest);
  }
}
