/** Functions of one input and their gradients, for elements [begin, end). y may be x, dx may be dy. */
import { f32x4_exp } from '../simd/exp';
import { f32x4_log, f32x4_log1p } from '../simd/log';
import { f32x4_select } from '../simd/vector';
import { binary, binaryWith } from './binary';
import { unary, unaryWith } from './unary';

class Neg { @inline of(x: v128): v128 { return f32x4.neg(x); } }
class Abs { @inline of(x: v128): v128 { return f32x4.abs(x); } }
class AbsGradient {
  @inline of(dy: v128, x: v128): v128 {
    const zero = f32x4.splat(0);
    const sign = f32x4.sub(v128.and(f32x4.gt(x, zero), f32x4.splat(1)), v128.and(f32x4.lt(x, zero), f32x4.splat(1)));
    return f32x4.mul(dy, sign);
  }
}

/** y = −x */
export function f32_neg(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Neg>(y, x, begin, end);
}

/** y = |x| */
export function f32_abs_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Abs>(y, x, begin, end);
}

/** dx = dy·sign(x), sign(0) = 0 */
export function f32_abs_backward(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  binary<AbsGradient>(dx, dy, x, begin, end);
}

class Exp { @inline of(x: v128): v128 { return f32x4_exp(x); } }
class Log { @inline of(x: v128): v128 { return f32x4_log(x); } }
class Log1p { @inline of(x: v128): v128 { return f32x4_log1p(x); } }

/** y = eˣ, within 1 ULP @work 8 * (end - begin) */
export function f32_exp(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Exp>(y, x, begin, end);
}

/** y = log x, within 1 ULP @work 8 * (end - begin) */
export function f32_log(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Log>(y, x, begin, end);
}

/** y = log(1 + x), within 2 ULP @work 8 * (end - begin) */
export function f32_log1p(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Log1p>(y, x, begin, end);
}

class Floor { @inline of(x: v128): v128 { return f32x4.floor(x); } }
class Ceil { @inline of(x: v128): v128 { return f32x4.ceil(x); } }
class Nearest { @inline of(x: v128): v128 { return f32x4.nearest(x); } }

/** y = the largest integer ≤ x */
export function f32_floor(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Floor>(y, x, begin, end);
}

/** y = the smallest integer ≥ x */
export function f32_ceil(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Ceil>(y, x, begin, end);
}

/** y = the nearest integer, the even one of two */
export function f32_nearest(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Nearest>(y, x, begin, end);
}

class Sqrt { @inline of(x: v128): v128 { return f32x4.sqrt(x); } }
class SqrtGradient {
  @inline of(dy: v128, y: v128): v128 { return f32x4.div(dy, f32x4.add(y, y)); }
}

/** y = √x */
export function f32_sqrt_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Sqrt>(y, x, begin, end);
}

/** dx = dy / 2y */
export function f32_sqrt_backward(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  binary<SqrtGradient>(dx, dy, y, begin, end);
}

class Rsqrt { @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), f32x4.sqrt(x)); } }
class RsqrtGradient {
  @inline of(dy: v128, y: v128): v128 {
    return f32x4.mul(f32x4.mul(f32x4.splat(-0.5), dy), f32x4.mul(f32x4.mul(y, y), y));
  }
}

/** y = 1 / √x */
export function f32_rsqrt_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Rsqrt>(y, x, begin, end);
}

/** dx = −½·dy·y³ */
export function f32_rsqrt_backward(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  binary<RsqrtGradient>(dx, dy, y, begin, end);
}

class Square { @inline of(x: v128): v128 { return f32x4.mul(x, x); } }
class SquareGradient {
  @inline of(dy: v128, x: v128): v128 { return f32x4.mul(dy, f32x4.add(x, x)); }
}

/** y = x² */
export function f32_square_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Square>(y, x, begin, end);
}

/** dx = 2·dy·x */
export function f32_square_backward(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  binary<SquareGradient>(dx, dy, x, begin, end);
}

class Cube { @inline of(x: v128): v128 { return f32x4.mul(f32x4.mul(x, x), x); } }
class CubeGradient {
  @inline of(dy: v128, x: v128): v128 { return f32x4.mul(dy, f32x4.mul(f32x4.splat(3), f32x4.mul(x, x))); }
}

/** y = x³ */
export function f32_cube_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Cube>(y, x, begin, end);
}

/** dx = 3·dy·x² */
export function f32_cube_backward(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  binary<CubeGradient>(dx, dy, x, begin, end);
}

class Reciprocal { @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), x); } }
class ReciprocalGradient {
  @inline of(dy: v128, y: v128): v128 { return f32x4.neg(f32x4.mul(dy, f32x4.mul(y, y))); }
}

/** y = 1 / x */
export function f32_reciprocal_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Reciprocal>(y, x, begin, end);
}

/** dx = −dy·y² */
export function f32_reciprocal_backward(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  binary<ReciprocalGradient>(dx, dy, y, begin, end);
}

class Clamp {
  @inline of(x: v128, low: v128, high: v128): v128 { return f32x4.min(f32x4.max(x, low), high); }
}
class ClampGradient {
  @inline of(dy: v128, x: v128, low: v128, high: v128): v128 {
    return f32x4_select(v128.and(f32x4.ge(x, low), f32x4.le(x, high)), dy, f32x4.splat(0));
  }
}

/** y = min(max(x, low), high); NaN stays NaN */
export function f32_clamp_forward(y: usize, x: usize, low: f32, high: f32, begin: i32, end: i32): void {
  unaryWith<Clamp>(y, x, f32x4.splat(low), f32x4.splat(high), begin, end);
}

/** dx = low ≤ x ≤ high ? dy : 0 */
export function f32_clamp_backward(dx: usize, dy: usize, x: usize, low: f32, high: f32, begin: i32, end: i32): void {
  binaryWith<ClampGradient>(dx, dy, x, f32x4.splat(low), f32x4.splat(high), begin, end);
}
