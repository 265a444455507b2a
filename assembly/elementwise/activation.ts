/**
 * Activations and their gradients, for elements [begin, end). y may be x, dx may be dy. A kernel that takes `kept`
 * reads what its name says: x, the input, or y, the output.
 */
import { f32x4_exp, f32x4_exp_below_0, f32x4_expm1 } from '../simd/exp';
import { f32x4_log1p_exp } from '../simd/log';
import { f32x4_exp_neg_half_square, f32x4_normal_cdf } from '../simd/normal';
import { f32x4_sigmoid, f32x4_tanh } from '../simd/sigmoid';
import { f32x4_madd, f32x4_select } from '../simd/vector';
import { binary, binaryWith } from './binary';
import { unary, unaryWith } from './unary';

// @ts-ignore: decorator
@inline
function all(value: f32): v128 {
  return f32x4.splat(value);
}

class Sigmoid { @inline of(x: v128): v128 { return f32x4_sigmoid(x); } }
class SigmoidGradient {
  @inline of(dy: v128, y: v128): v128 { return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(all(1), y))); }
}

/** y = 1 / (1 + e⁻ˣ) @work 12 * (end - begin) */
export function f32_sigmoid_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Sigmoid>(y, x, begin, end);
}

/** dx = dy·y·(1 − y) */
export function f32_sigmoid_backward(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  binary<SigmoidGradient>(dx, dy, y, begin, end);
}

class Tanh { @inline of(x: v128): v128 { return f32x4_tanh(x); } }
class TanhGradient {
  @inline of(dy: v128, y: v128): v128 { return f32x4.mul(dy, f32x4.sub(all(1), f32x4.mul(y, y))); }
}

/** y = tanh x @work 12 * (end - begin) */
export function f32_tanh_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Tanh>(y, x, begin, end);
}

/** dx = dy·(1 − y²) */
export function f32_tanh_backward(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  binary<TanhGradient>(dx, dy, y, begin, end);
}

class LeakyRelu {
  @inline of(x: v128, slope: v128, _: v128): v128 { return f32x4_select(f32x4.gt(x, all(0)), x, f32x4.mul(x, slope)); }
}
class LeakyReluGradient {
  @inline of(dy: v128, x: v128, slope: v128, _: v128): v128 {
    return f32x4_select(f32x4.gt(x, all(0)), dy, f32x4.mul(dy, slope));
  }
}

/** y = x > 0 ? x : slope·x */
export function f32_leaky_relu_forward(y: usize, x: usize, slope: f32, begin: i32, end: i32): void {
  unaryWith<LeakyRelu>(y, x, all(slope), all(0), begin, end);
}

/** dx = x > 0 ? dy : slope·dy */
export function f32_leaky_relu_backward(dx: usize, dy: usize, x: usize, slope: f32, begin: i32, end: i32): void {
  binaryWith<LeakyReluGradient>(dx, dy, x, all(slope), all(0), begin, end);
}

class Elu {
  @inline of(x: v128, alpha: v128, _: v128): v128 {
    return f32x4_select(f32x4.le(x, all(0)), f32x4.mul(alpha, f32x4_expm1(x)), x);
  }
}
class EluGradient {
  @inline of(dy: v128, x: v128, alpha: v128, _: v128): v128 {
    return f32x4_select(f32x4.le(x, all(0)), f32x4.mul(dy, f32x4.mul(alpha, f32x4_exp(x))), dy);
  }
}

/** y = x ≤ 0 ? alpha·(eˣ − 1) : x @work 12 * (end - begin) */
export function f32_elu_forward(y: usize, x: usize, alpha: f32, begin: i32, end: i32): void {
  unaryWith<Elu>(y, x, all(alpha), all(0), begin, end);
}

/** dx = x ≤ 0 ? dy·alpha·eˣ : dy @work 12 * (end - begin) */
export function f32_elu_backward(dx: usize, dy: usize, x: usize, alpha: f32, begin: i32, end: i32): void {
  binaryWith<EluGradient>(dx, dy, x, all(alpha), all(0), begin, end);
}

class Silu { @inline of(x: v128): v128 { return f32x4.mul(x, f32x4_sigmoid(x)); } }
class SiluGradient {
  @inline of(dy: v128, x: v128): v128 {
    const s = f32x4_sigmoid(x);
    return f32x4.mul(dy, f32x4_madd(f32x4.mul(x, s), f32x4.sub(all(1), s), s));
  }
}

/** y = x·σ(x) @work 12 * (end - begin) */
export function f32_silu_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Silu>(y, x, begin, end);
}

/** dx = dy·(σ + x·σ·(1 − σ)), σ = σ(x) @work 12 * (end - begin) */
export function f32_silu_backward(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  binary<SiluGradient>(dx, dy, x, begin, end);
}

class Softplus {
  @inline of(x: v128, beta: v128, threshold: v128): v128 {
    const z = f32x4.mul(x, beta);
    return f32x4_select(f32x4.gt(z, threshold), x, f32x4.div(f32x4_log1p_exp(z), beta));
  }
}
class SoftplusGradient {
  @inline of(dy: v128, x: v128, beta: v128, threshold: v128): v128 {
    const z = f32x4.mul(x, beta);
    return f32x4_select(f32x4.gt(z, threshold), dy, f32x4.mul(dy, f32x4_sigmoid(z)));
  }
}

/** y = log(1 + e^(beta·x)) / beta, or x where beta·x > threshold @work 16 * (end - begin) */
export function f32_softplus_forward(y: usize, x: usize, beta: f32, threshold: f32, begin: i32, end: i32): void {
  unaryWith<Softplus>(y, x, all(beta), all(threshold), begin, end);
}

/** dx = dy·σ(beta·x), or dy where beta·x > threshold @work 12 * (end - begin) */
export function f32_softplus_backward(
  dx: usize, dy: usize, x: usize, beta: f32, threshold: f32, begin: i32, end: i32,
): void {
  binaryWith<SoftplusGradient>(dx, dy, x, all(beta), all(threshold), begin, end);
}

const INVERSE_SQRT_2PI: f32 = 0.3989422804014327;

class Gelu {
  @inline of(x: v128): v128 { return f32x4.mul(x, f32x4_normal_cdf(x, f32x4_exp_neg_half_square(x))); }
}
class GeluGradient {
  @inline of(dy: v128, x: v128): v128 {
    const e = f32x4_exp_neg_half_square(x);
    return f32x4.mul(dy, f32x4_madd(x, f32x4.mul(e, all(INVERSE_SQRT_2PI)), f32x4_normal_cdf(x, e)));
  }
}

/** y = x·Φ(x), Φ the distribution function of the standard normal @work 16 * (end - begin) */
export function f32_gelu_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Gelu>(y, x, begin, end);
}

/** dx = dy·(Φ(x) + x·φ(x)) @work 16 * (end - begin) */
export function f32_gelu_backward(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  binary<GeluGradient>(dx, dy, x, begin, end);
}

/** 2·√(2/π), as ½·(1 + tanh u) = σ(2u). */
const TWO_SQRT_2_OVER_PI: f32 = 1.5957691216057308;
const CUBIC: f32 = 0.044715;

class GeluTanh {
  @inline of(x: v128): v128 {
    const inner = f32x4_madd(f32x4.mul(f32x4.mul(x, x), x), all(CUBIC), x);
    return f32x4.mul(x, f32x4_sigmoid(f32x4.mul(inner, all(TWO_SQRT_2_OVER_PI))));
  }
}
class GeluTanhGradient {
  @inline of(dy: v128, x: v128): v128 {
    const square = f32x4.mul(x, x);
    const inner = f32x4_madd(f32x4.mul(square, x), all(CUBIC), x);
    const z = f32x4.mul(inner, all(TWO_SQRT_2_OVER_PI));
    // σ = r or e·r, and σ·(1 − σ) = e·r² without cancelling: it is multiplied by up to 20 where σ is nearly 1.
    const e = f32x4_exp_below_0(f32x4.neg(f32x4.abs(z)));
    const r = f32x4.div(all(1), f32x4.add(all(1), e));
    const er = f32x4.mul(e, r);
    const s = f32x4_select(f32x4.lt(z, all(0)), er, r);
    const slope = f32x4.mul(all(TWO_SQRT_2_OVER_PI), f32x4_madd(square, all(3 * CUBIC), all(1)));
    return f32x4.mul(dy, f32x4_madd(f32x4.mul(f32x4.mul(x, er), r), slope, s));
  }
}

/** y = x·½·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³) @work 12 * (end - begin) */
export function f32_gelu_tanh_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<GeluTanh>(y, x, begin, end);
}

/** dx = dy·(σ + x·σ·(1 − σ)·2u′), σ = σ(2u) @work 12 * (end - begin) */
export function f32_gelu_tanh_backward(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  binary<GeluTanhGradient>(dx, dy, x, begin, end);
}
