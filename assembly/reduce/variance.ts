import { Additive, fold } from './fold';
import { Spread, spread } from './spread';

abstract class SquaredDeviation extends Additive {
  @inline step(total: v128, x: v128, p: v128): v128 {
    const d = f64x2.sub(x, p);
    return f64x2.add(total, f64x2.mul(d, d));
  }
  @inline parameter(params: usize, o: usize, arg: f64): f64 { return load<f64>(params + (o << 3)); }
}

/** Σ(x − p)² / arg. */
class Variance extends SquaredDeviation {
  @inline finish(total: f64, arg: f64): f64 { return total / arg; }
}

/** √(Σ(x − p)² / arg). */
class StandardDeviation extends SquaredDeviation {
  @inline finish(total: f64, arg: f64): f64 { return sqrt(total / arg); }
}

/**
 * y[o, i] = Σᵣ (x[o, r, i] − means[o, i])² / divisor for the outputs o·inner + i in [begin, end).
 * The means are doubles: the second of two passes.
 * @work (end - begin) * reduce
 */
export function f32_variance(y: usize, x: usize, means: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32): void {
  fold<Variance, f32>(y, x, means, reduce, inner, divisor, begin, end);
}

/**
 * The square root of it.
 * @work (end - begin) * reduce
 */
export function f32_std(y: usize, x: usize, means: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32): void {
  fold<StandardDeviation, f32>(y, x, means, reduce, inner, divisor, begin, end);
}

class VarianceGradient extends Spread {
  @inline at(x: v128, dy: v128, mean: v128, aux: v128, divisor: f64): v128 {
    return f32x4.mul(f32x4.mul(f32x4.splat(<f32>(2 / divisor)), dy), f32x4.sub(x, mean));
  }
}

/**
 * dx = 2·dy·(x − mean) / divisor for the rows o·reduce + r in [begin, end); the means are floats here.
 * @work (end - begin) * inner
 */
export function f32_variance_backward(dx: usize, dy: usize, x: usize, mean: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32): void {
  spread<VarianceGradient>(dx, dy, x, mean, dy, reduce, inner, divisor, begin, end);
}

class StandardDeviationGradient extends Spread {
  @inline at(x: v128, dy: v128, mean: v128, std: v128, divisor: f64): v128 {
    const g = f32x4.div(dy, f32x4.mul(std, f32x4.splat(<f32>divisor)));
    return v128.andnot(f32x4.mul(g, f32x4.sub(x, mean)), f32x4.eq(std, f32x4.splat(0)));
  }
}

/**
 * dx = dy·(x − mean) / (std·divisor), and 0 where std = 0, for the rows o·reduce + r in [begin, end).
 * @work (end - begin) * inner
 */
export function f32_std_backward(dx: usize, dy: usize, x: usize, mean: usize, std: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32): void {
  spread<StandardDeviationGradient>(dx, dy, x, mean, std, reduce, inner, divisor, begin, end);
}
