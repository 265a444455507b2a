// Coefficients of the polynomials: scripts/polynomials.py.
import { f32x4_madd, f32x4_select, f64x2_from_high, f64x2_from_low } from './vector';

const HALF_PI: f64 = 1.5707963267948966;
const QUARTER_PI: f32 = 0.7853982;

/**
 * sin(x + quarter·π/2), lane by lane. Absolute error below 2⁻²³ for |x| ≤ 10⁸; beyond, the result is between −1 and 1
 * but no longer exact. NaN for ±∞ and NaN.
 *
 * x = n·π/2 + r with |r| ≤ π/4, in double precision; ±sin r or ±cos r, by the last two bits of n + quarter.
 */
// @ts-ignore: decorator
@inline
export function f32x4_sine(x: v128, quarter: v128): v128 {
  const low = f64x2_from_low(x);
  const high = f64x2_from_high(x);
  const nLow = f64x2.nearest(f64x2.mul(low, f64x2.splat(1 / HALF_PI)));
  const nHigh = f64x2.nearest(f64x2.mul(high, f64x2.splat(1 / HALF_PI)));
  const n = i32x4.add(joined(i32x4.trunc_sat_f64x2_s_zero(nLow), i32x4.trunc_sat_f64x2_s_zero(nHigh)), quarter);
  const rest = joined(
    f32x4.demote_f64x2_zero(f64x2.sub(low, f64x2.mul(nLow, f64x2.splat(HALF_PI)))),
    f32x4.demote_f64x2_zero(f64x2.sub(high, f64x2.mul(nHigh, f64x2.splat(HALF_PI)))));
  const r = f32x4.max(f32x4.min(rest, f32x4.splat(QUARTER_PI)), f32x4.splat(-QUARTER_PI));
  const square = f32x4.mul(r, r);
  let sine = f32x4_madd(f32x4.splat(-0.00019507881), square, f32x4.splat(0.008332106));
  sine = f32x4_madd(sine, square, f32x4.splat(-0.16666654));
  sine = f32x4_madd(sine, f32x4.mul(square, r), r);
  let cosine = f32x4_madd(f32x4.splat(2.4431425e-05), square, f32x4.splat(-0.0013887305));
  cosine = f32x4_madd(cosine, square, f32x4.splat(0.041666646));
  const around = f32x4.sub(f32x4.splat(1), f32x4.mul(f32x4.splat(0.5), square));
  cosine = f32x4_madd(cosine, f32x4.mul(square, square), around);
  const isOdd = i32x4.neg(v128.and(n, i32x4.splat(1)));
  const sign = i32x4.shl(v128.and(n, i32x4.splat(2)), 30);
  return v128.xor(f32x4_select(isOdd, cosine, sine), sign);
}

/** The first two lanes of each. */
// @ts-ignore: decorator
@inline
function joined(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}
