// Coefficients of the polynomials: scripts/polynomials.py.
import { f32x4_exp_below_0 } from './exp';
import { f32x4_madd, f32x4_select } from './vector';

/** Where the bits of a float are cut so that the product of two cut floats is exact. */
const UPPER_BITS: i32 = 0xfffff000;

/**
 * e^(−x²/2), lane by lane: √(2π) times the density of the standard normal distribution. Error below 3 ULP; 0 at ±∞.
 *
 * x² = s + d exactly (s the rounded square, d by splitting x in two halves); then e^(−s/2)·(1 − d/2).
 */
// @ts-ignore: decorator
@inline
export function f32x4_exp_neg_half_square(x: v128): v128 {
  const bounded = f32x4.min(f32x4.abs(x), f32x4.splat(15)); // beyond, the result is 0
  const upper = v128.and(bounded, i32x4.splat(UPPER_BITS));
  const lower = f32x4.sub(bounded, upper);
  const square = f32x4.mul(bounded, bounded);
  const cross = f32x4.mul(upper, lower);
  const lost = f32x4.add(
    f32x4.add(f32x4.sub(f32x4.mul(upper, upper), square), f32x4.add(cross, cross)), f32x4.mul(lower, lower));
  const e = f32x4_exp_below_0(f32x4.mul(square, f32x4.splat(-0.5)));
  return f32x4.sub(e, f32x4.mul(e, f32x4.mul(lost, f32x4.splat(0.5))));
}

/**
 * Φ(x) = ½·(1 + erf(x/√2)), lane by lane, from x and e = e^(−x²/2). Error below 7 ULP, also far down the left tail,
 * where 1 + erf would lose all digits.
 *
 * Near 0, ½ + x·P(x²), P the minimax polynomial of degree 5 (error 2⁻²⁸ of the result). From |x| = 1 on,
 * Φ(−|x|) = e·t·Q(t) with t = 1 / (|x| + 3.5), Q of degree 8 (error 2⁻²⁸ of the result).
 */
// @ts-ignore: decorator
@inline
export function f32x4_normal_cdf(x: v128, e: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.min(f32x4.abs(x), f32x4.splat(15));
  const square = f32x4.mul(size, size);
  let p = f32x4_madd(f32x4.splat(-8.1695935e-06), square, f32x4.splat(0.00011501886));
  p = f32x4_madd(p, square, f32x4.splat(-0.00118802));
  p = f32x4_madd(p, square, f32x4.splat(0.009974163));
  p = f32x4_madd(p, square, f32x4.splat(-0.06649054));
  p = f32x4_madd(p, square, f32x4.splat(0.3989423));
  const near = f32x4_madd(x, p, f32x4.splat(0.5));

  const t = f32x4.div(one, f32x4.add(size, f32x4.splat(3.5)));
  let q = f32x4_madd(f32x4.splat(2467.8438), t, f32x4.splat(-2488.1953));
  q = f32x4_madd(q, t, f32x4.splat(704.1096));
  q = f32x4_madd(q, t, f32x4.splat(-48.754868));
  q = f32x4_madd(q, t, f32x4.splat(43.02364));
  q = f32x4_madd(q, t, f32x4.splat(12.162627));
  q = f32x4_madd(q, t, f32x4.splat(4.5192537));
  q = f32x4_madd(q, t, f32x4.splat(1.395573));
  q = f32x4_madd(q, t, f32x4.splat(0.3989495));
  const tail = f32x4.mul(e, f32x4.mul(q, t));
  const far = f32x4_select(f32x4.lt(x, f32x4.splat(0)), tail, f32x4.sub(one, tail));
  return f32x4_select(f32x4.lt(size, one), near, far);
}
