// Coefficients of the polynomials: scripts/polynomials.py.
import { f32x4_madd } from './vector';

// Constants stand in memory and are read where they are used: registers do not hold as many through a loop.
/** log₂e; ln 2 in two parts, the first so short that its product with any exponent is exact. */
const LOG2_E = memory.data<f32>([1.4426950408889634]);
const LN2_HIGH = memory.data<f32>([0.693359375]);
const LN2_LOW = memory.data<f32>([-2.12194440e-4]);
const ONE = memory.data<f32>([1]);

/** 1.5·2²³. x + WHOLE has the whole number nearest to x in its low bits; − WHOLE leaves that number. */
const WHOLE = memory.data<f32>([12582912]);
/**
 * The same for the number + 192, which shifted into the place of the exponent is the float 2⁶⁵ times the power; and
 * 2⁻⁶⁵.
 */
const WHOLE_192 = memory.data<f32>([12583104]);
const POWER_65 = memory.data<f32>([2.710505431213761e-20]);

/**
 * eˣ, lane by lane. Error below 1 ULP (subnormal results included); e^−∞ = 0, e^∞ = ∞, NaN stays NaN.
 *
 * x = n·ln 2 + r with |r| ≤ ln 2 / 2; eˣ = 2ⁿ·(1 + (eʳ − 1)), the power in two factors, so that neither overflows
 * before the result does.
 */
// @ts-ignore: decorator
@inline
export function f32x4_exp(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104));
  const whole = f32x4.add(f32x4.mul(bounded, constant(LOG2_E)), constant(WHOLE));
  const y = expOfRemainder(remainder(bounded, f32x4.sub(whole, constant(WHOLE))));
  const exponent = i32x4.sub(whole, constant(WHOLE));
  const half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

/**
 * The same bits for x ≤ 0 (or NaN), in fewer steps: only towards 0 does the power need a second factor, which is
 * constant.
 */
// @ts-ignore: decorator
@inline
export function f32x4_exp_below_0(x: v128): v128 {
  const bounded = f32x4.pmax(x, f32x4.splat(-104));
  const whole = f32x4.add(f32x4.mul(bounded, constant(LOG2_E)), constant(WHOLE_192));
  const y = expOfRemainder(remainder(bounded, f32x4.sub(whole, constant(WHOLE_192))));
  return f32x4.mul(f32x4.mul(y, i32x4.shl(whole, 23)), constant(POWER_65));
}

/**
 * eˣ − 1, lane by lane, without the cancellation near 0. Error below 2 ULP; −1 at −∞, ∞ at ∞, NaN stays NaN.
 *
 * eˣ − 1 = 2·(2ⁿ⁻¹·(eʳ − 1) + (2ⁿ⁻¹ − ½)), n and r as for eˣ.
 */
// @ts-ignore: decorator
@inline
export function f32x4_expm1(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-20));
  const whole = f32x4.add(f32x4.mul(bounded, constant(LOG2_E)), constant(WHOLE));
  const rest = expm1OfRemainder(remainder(bounded, f32x4.sub(whole, constant(WHOLE))));
  const halfPower = powerOfTwo(i32x4.sub(i32x4.sub(whole, constant(WHOLE)), i32x4.splat(1)));
  const half = f32x4_madd(halfPower, rest, f32x4.sub(halfPower, f32x4.splat(0.5)));
  return f32x4.add(half, half);
}

// @ts-ignore: decorator
@inline
function constant(at: usize): v128 {
  return v128.load32_splat(at);
}

/** x − n·ln 2 */
// @ts-ignore: decorator
@inline
function remainder(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, constant(LN2_HIGH))), f32x4.mul(n, constant(LN2_LOW)));
}

const P4 = memory.data<f32>([0.0013820742]);
const P3 = memory.data<f32>([0.008369248]);
const P2 = memory.data<f32>([0.04166828]);
const P1 = memory.data<f32>([0.16666517]);
const P0 = memory.data<f32>([0.49999994]);

/** eʳ − 1 = r + r²·P(r) for |r| ≤ ln 2 / 2, P the minimax polynomial of degree 4 (error 2⁻²⁸ of eʳ). */
// @ts-ignore: decorator
@inline
function expm1OfRemainder(r: v128): v128 {
  let p = f32x4_madd(constant(P4), r, constant(P3));
  p = f32x4_madd(p, r, constant(P2));
  p = f32x4_madd(p, r, constant(P1));
  p = f32x4_madd(p, r, constant(P0));
  return f32x4_madd(p, f32x4.mul(r, r), r);
}

// @ts-ignore: decorator
@inline
function expOfRemainder(r: v128): v128 {
  return f32x4.add(expm1OfRemainder(r), constant(ONE));
}

/** 2ⁿ for whole n from −126 to 127. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}
