// Coefficients of the polynomials: scripts/polynomials.py.
import { f32x4_exp, f32x4_exp_below_0 } from './exp';
import { f32x4_madd, f32x4_select } from './vector';

/**
 * 1 / (1 + e⁻ˣ), lane by lane. Error below 3 ULP on both sides, subnormal results included; 0 at −∞, 1 at ∞.
 *
 * By e^−|x|, which cannot overflow: 1 / (1 + e) for x ≥ 0, e / (1 + e) below.
 */
// @ts-ignore: decorator
@inline
export function f32x4_sigmoid(x: v128): v128 {
  const e = f32x4_exp_below_0(f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(1);
  return f32x4.div(f32x4_select(f32x4.lt(x, f32x4.splat(0)), e, one), f32x4.add(one, e));
}

/**
 * tanh x, lane by lane. Error below 2 ULP; odd: tanh −x = −tanh x, −0 stays −0.
 *
 * x + x³·P(x²) below 0.625, P the minimax polynomial of degree 4 (error 2⁻²⁷ of the result);
 * 1 − 2 / (e^2|x| + 1), with the sign of x, above.
 */
// @ts-ignore: decorator
@inline
export function f32x4_tanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = f32x4_madd(f32x4.splat(-0.0056849727), square, f32x4.splat(0.020622486));
  p = f32x4_madd(p, square, f32x4.splat(-0.05373513));
  p = f32x4_madd(p, square, f32x4.splat(0.13331395));
  p = f32x4_madd(p, square, f32x4.splat(-0.3333328));
  const near = f32x4_madd(f32x4.mul(p, square), size, size);
  const one = f32x4.splat(1);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(f32x4_exp(f32x4.add(size, size)), one)));
  const positive = f32x4_select(f32x4.lt(size, f32x4.splat(0.625)), near, far);
  return v128.bitselect(x, positive, i32x4.splat(0x80000000));
}
