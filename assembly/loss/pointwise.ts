import { assertShare, assertWords } from '../assert';

// Losses of each element on its own: of x against t. A share is of elements; outputs may be inputs.

abstract class Loss {
  abstract value(x: v128, t: v128, arg: v128): v128;
  /** d(value)/dx. */
  abstract slope(x: v128, t: v128, arg: v128): v128;
}

// @ts-ignore: decorator
@inline
function forward<Op extends Loss>(y: usize, x: usize, t: usize, arg: f32, begin: i32, end: i32): void {
  const op = changetype<Op>(0);
  const a = f32x4.splat(arg);
  const last = <usize>end << 2;
  let i = <usize>begin << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, op.value(v128.load(x + i), v128.load(t + i), a));
  for (; i < last; i += 4) {
    v128.store_lane<f32>(y + i, op.value(v128.load32_zero(x + i), v128.load32_zero(t + i), a), 0);
  }
}

// @ts-ignore: decorator
@inline
function backward<Op extends Loss>(
  dx: usize, dy: usize, x: usize, t: usize, arg: f32, dyStep: i32, divisor: f32, begin: i32, end: i32,
): void {
  const op = changetype<Op>(0);
  const a = f32x4.splat(arg);
  const d = f32x4.splat(divisor);
  const last = <usize>end << 2;
  let i = <usize>begin << 2;
  if (dyStep == 0) {
    const g = f32x4.div(v128.load32_splat(dy), d);
    for (; i + 16 <= last; i += 16) v128.store(dx + i, f32x4.mul(g, op.slope(v128.load(x + i), v128.load(t + i), a)));
    for (; i < last; i += 4) {
      v128.store_lane<f32>(dx + i, f32x4.mul(g, op.slope(v128.load32_zero(x + i), v128.load32_zero(t + i), a)), 0);
    }
  } else {
    for (; i + 16 <= last; i += 16) {
      v128.store(dx + i, f32x4.mul(f32x4.div(v128.load(dy + i), d), op.slope(v128.load(x + i), v128.load(t + i), a)));
    }
    for (; i < last; i += 4) {
      v128.store_lane<f32>(
        dx + i,
        f32x4.mul(
        f32x4.div(v128.load32_zero(dy + i), d), op.slope(v128.load32_zero(x + i), v128.load32_zero(t + i), a)),
        0);
    }
  }
}

// @ts-ignore: decorator
@inline
function withSignOf(size: v128, x: v128): v128 {
  return v128.or(size, v128.and(x, f32x4.splat(-0.0)));
}

class SquaredError extends Loss {
  @inline value(x: v128, t: v128, arg: v128): v128 {
    const d = f32x4.sub(x, t);
    return f32x4.mul(d, d);
  }
  @inline slope(x: v128, t: v128, arg: v128): v128 {
    const d = f32x4.sub(x, t);
    return f32x4.add(d, d);
  }
}

class AbsoluteError extends Loss {
  @inline value(x: v128, t: v128, arg: v128): v128 { return f32x4.abs(f32x4.sub(x, t)); }
  @inline slope(x: v128, t: v128, arg: v128): v128 {
    const d = f32x4.sub(x, t);
    const undecided = v128.or(f32x4.eq(d, f32x4.splat(0)), f32x4.ne(d, d)); // 0 and NaN stay
    return v128.bitselect(d, withSignOf(f32x4.splat(1), d), undecided);
  }
}

class SmoothAbsoluteError extends Loss {
  @inline value(x: v128, t: v128, beta: v128): v128 {
    const size = f32x4.abs(f32x4.sub(x, t));
    const half = f32x4.splat(0.5);
    const inside = f32x4.div(f32x4.mul(f32x4.mul(half, size), size), beta);
    return v128.bitselect(inside, f32x4.sub(size, f32x4.mul(half, beta)), f32x4.lt(size, beta));
  }
  @inline slope(x: v128, t: v128, beta: v128): v128 {
    const d = f32x4.sub(x, t);
    return v128.bitselect(withSignOf(f32x4.splat(1), d), f32x4.div(d, beta), f32x4.ge(f32x4.abs(d), beta));
  }
}

/** y = (x − t)² for the elements [begin, end). */
export function f32_squared_error_forward(y: usize, x: usize, t: usize, arg: f32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x | t);
  forward<SquaredError>(y, x, t, arg, begin, end);
}

/** dx = 2·(x − t)·dy[i·dyStep] / divisor for the elements [begin, end). */
export function f32_squared_error_backward(
  dx: usize, dy: usize, x: usize, t: usize, arg: f32, dyStep: i32, divisor: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy | x | t);
  backward<SquaredError>(dx, dy, x, t, arg, dyStep, divisor, begin, end);
}

/** y = |x − t| for the elements [begin, end). */
export function f32_absolute_error_forward(y: usize, x: usize, t: usize, arg: f32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x | t);
  forward<AbsoluteError>(y, x, t, arg, begin, end);
}

/** dx = sign(x − t)·dy[i·dyStep] / divisor, sign(0) = 0, for the elements [begin, end). */
export function f32_absolute_error_backward(
  dx: usize, dy: usize, x: usize, t: usize, arg: f32, dyStep: i32, divisor: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy | x | t);
  backward<AbsoluteError>(dx, dy, x, t, arg, dyStep, divisor, begin, end);
}

/** y = ½·(x − t)² / β where |x − t| < β, else |x − t| − ½·β, for the elements [begin, end). β > 0. */
export function f32_smooth_error_forward(y: usize, x: usize, t: usize, beta: f32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x | t);
  forward<SmoothAbsoluteError>(y, x, t, beta, begin, end);
}

/** dx = (x − t) / β, no further than ±1, times dy[i·dyStep] / divisor, for the elements [begin, end). */
export function f32_smooth_error_backward(
  dx: usize, dy: usize, x: usize, t: usize, beta: f32, dyStep: i32, divisor: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy | x | t);
  backward<SmoothAbsoluteError>(dx, dy, x, t, beta, dyStep, divisor, begin, end);
}
