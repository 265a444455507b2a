import { f32x4_madd } from './vector';

/** log₂e; ln 2 in two parts, the first so short that its product with any exponent is exact. */
const LOG2_E: f32 = 1.4426950408889634;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/**
 * eˣ, lane by lane. Error below 1 ULP (subnormal results included); e^−∞ = 0, e^∞ = ∞, NaN stays NaN.
 *
 * x = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ = 1 + r + r²·P(r), P the minimax polynomial of degree 4 (error 2⁻²⁸ of eʳ);
 * then times 2ⁿ in two factors, so that neither overflows before the result does.
 */
// @ts-ignore: decorator
@inline
export function f32x4_exp(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(89)), f32x4.splat(-104));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(LOG2_E)));
  const r = f32x4.sub(f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let p = f32x4_madd(f32x4.splat(0.0013820742), r, f32x4.splat(0.008369248));
  p = f32x4_madd(p, r, f32x4.splat(0.04166828));
  p = f32x4_madd(p, r, f32x4.splat(0.16666517));
  p = f32x4_madd(p, r, f32x4.splat(0.49999994));
  const y = f32x4.add(f32x4_madd(p, f32x4.mul(r, r), r), f32x4.splat(1));
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(y, power_of_two(half)), power_of_two(i32x4.sub(exponent, half)));
}

/** 2ⁿ for whole n from −126 to 127. */
// @ts-ignore: decorator
@inline
function power_of_two(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}
