// Coefficients of the polynomials: scripts/polynomials.py.
import { f32x4_madd } from './vector';

/** log₂e; ln 2 in two parts, the first so short that its product with any exponent is exact. */
const LOG2_E: f32 = 1.4426950408889634;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/**
 * eˣ, lane by lane. Error below 1 ULP (subnormal results included); e^−∞ = 0, e^∞ = ∞, NaN stays NaN.
 *
 * x = n·ln 2 + r with |r| ≤ ln 2 / 2; eˣ = 2ⁿ·(1 + (eʳ − 1)), the power in two factors, so that neither overflows
 * before the result does.
 */
// @ts-ignore: decorator
@inline
export function f32x4_exp(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(89)), f32x4.splat(-104));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(LOG2_E)));
  const y = f32x4.add(expm1OfRemainder(remainder(bounded, n)), f32x4.splat(1));
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

/**
 * eˣ − 1, lane by lane, without the cancellation near 0. Error below 2 ULP; −1 at −∞, ∞ at ∞, NaN stays NaN.
 *
 * eˣ − 1 = 2·(2ⁿ⁻¹·(eʳ − 1) + (2ⁿ⁻¹ − ½)), n and r as for eˣ.
 */
// @ts-ignore: decorator
@inline
export function f32x4_expm1(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(89)), f32x4.splat(-20));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(LOG2_E)));
  const halfPower = powerOfTwo(i32x4.sub(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(1)));
  const half = f32x4_madd(halfPower, expm1OfRemainder(remainder(bounded, n)), f32x4.sub(halfPower, f32x4.splat(0.5)));
  return f32x4.add(half, half);
}

/** x − n·ln 2 */
// @ts-ignore: decorator
@inline
function remainder(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)));
}

/** eʳ − 1 = r + r²·P(r) for |r| ≤ ln 2 / 2, P the minimax polynomial of degree 4 (error 2⁻²⁸ of eʳ). */
// @ts-ignore: decorator
@inline
function expm1OfRemainder(r: v128): v128 {
  let p = f32x4_madd(f32x4.splat(0.0013820742), r, f32x4.splat(0.008369248));
  p = f32x4_madd(p, r, f32x4.splat(0.04166828));
  p = f32x4_madd(p, r, f32x4.splat(0.16666517));
  p = f32x4_madd(p, r, f32x4.splat(0.49999994));
  return f32x4_madd(p, f32x4.mul(r, r), r);
}

/** 2ⁿ for whole n from −126 to 127. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}
