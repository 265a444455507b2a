// Coefficients of the polynomials: scripts/polynomials.py.
import { f32x4_exp_below_0 } from './exp';
import { f32x4_madd, f32x4_select } from './vector';

/** ln 2 in two parts, the first so short that its product with any exponent is exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;
/** √½ as bits: floats are cut at it, so that what lies above belongs to the next exponent. */
const SQRT_HALF_BITS: i32 = 0x3f3504f3;

/**
 * The natural logarithm, lane by lane. Error below 1 ULP (subnormal x included); log 0 = −∞, log ∞ = ∞, NaN for x < 0.
 *
 * x = 2ᵉ·(1 + f) with √½ ≤ 1 + f < √2.
 */
// @ts-ignore: decorator
@inline
export function f32x4_log(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(SMALLEST_NORMAL));
  const scaled = f32x4_select(subnormal, f32x4.mul(x, f32x4.splat(8388608)), x);
  const bits = i32x4.sub(scaled, i32x4.splat(SQRT_HALF_BITS));
  const exponent = i32x4.sub(i32x4.shr_s(bits, 23), v128.and(subnormal, i32x4.splat(23)));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(SQRT_HALF_BITS));
  const y = logOfParts(f32x4.sub(m, f32x4.splat(1)), f32x4.convert_i32x4_s(exponent));
  const infinity = f32x4.splat(f32.POSITIVE_INFINITY);
  const finite = f32x4_select(f32x4.lt(x, infinity), y, x); // ∞ and NaN
  const positive = f32x4_select(f32x4.eq(x, f32x4.splat(0)), f32x4.neg(infinity), finite);
  return f32x4_select(f32x4.lt(x, f32x4.splat(0)), f32x4.splat(f32.NaN), positive);
}

/**
 * log(1 + x), lane by lane, without the cancellation near 0. Error below 2 ULP; −∞ at −1, ∞ at ∞, NaN for x < −1.
 *
 * log u + (x − (u − 1))/u with u = 1 + x rounded: the second term is what the rounding lost. It is NaN where log u is
 * infinite, and left out there.
 */
// @ts-ignore: decorator
@inline
export function f32x4_log1p(x: v128): v128 {
  const u = f32x4.add(x, f32x4.splat(1));
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, f32x4.splat(1))), u);
  return f32x4.add(f32x4_log(u), v128.and(lost, f32x4.eq(lost, lost)));
}

/**
 * log(1 + eˣ), lane by lane: softplus, and the loss of a logit. Error below 2 ULP; 0 at −∞, ∞ at ∞, NaN stays NaN.
 *
 * max(x, 0) + log(1 + e) with e = e^−|x| ≤ 1, where 1 + e needs no rounding: it is 1 + f with f = e up to √2,
 * and 2·(1 + f) with f = (e − 1)/2 above.
 */
// @ts-ignore: decorator
@inline
export function f32x4_log1p_exp(x: v128): v128 {
  const e = f32x4_exp_below_0(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.gt(e, f32x4.splat(0.41421354));
  const one = f32x4.splat(1);
  const f = f32x4_select(upper, f32x4.mul(f32x4.sub(e, one), f32x4.splat(0.5)), e);
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), logOfParts(f, v128.and(upper, one)));
}

/**
 * e·ln 2 + log(1 + f) = e·ln 2 + f − f²/2 + f³·P(f), P the minimax polynomial of degree 8 (error 2⁻³⁰ of the
 * logarithm).
 */
// @ts-ignore: decorator
@inline
function logOfParts(f: v128, e: v128): v128 {
  const square = f32x4.mul(f, f);
  let p = f32x4_madd(f32x4.splat(0.06752494), f, f32x4.splat(-0.117207125));
  p = f32x4_madd(p, f, f32x4.splat(0.119096756));
  p = f32x4_madd(p, f, f32x4.splat(-0.12400065));
  p = f32x4_madd(p, f, f32x4.splat(0.14216119));
  p = f32x4_madd(p, f, f32x4.splat(-0.16668165));
  p = f32x4_madd(p, f, f32x4.splat(0.2000228));
  p = f32x4_madd(p, f, f32x4.splat(-0.2500001));
  p = f32x4_madd(p, f, f32x4.splat(0.3333331));
  const tail = f32x4_madd(e, f32x4.splat(LN2_LOW), f32x4.mul(f32x4.mul(p, f), square));
  return f32x4.add(
    f32x4.add(f, f32x4.sub(tail, f32x4.mul(f32x4.splat(0.5), square))), f32x4.mul(e, f32x4.splat(LN2_HIGH)));
}
