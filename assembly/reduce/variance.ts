import { OptionalAddress } from '../optional';
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
export function f32_variance(
  y: usize, x: usize, means: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32,
): void {
  fold<Variance, f32>(y, x, means, reduce, inner, divisor, begin, end);
}

/**
 * The square root of it.
 * @work (end - begin) * reduce
 */
export function f32_std(
  y: usize, x: usize, means: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32,
): void {
  fold<StandardDeviation, f32>(y, x, means, reduce, inner, divisor, begin, end);
}

/**
 * What a deviation from the mean is multiplied by on the way back, for n outputs: factor = 2·dy / divisor for the
 * variance (std = 0: no address), dy / (std·divisor), and 0 where std is 0, for the standard deviation.
 * The means come in two floats each, high + low, as near to the double as two floats are.
 */
export function f32_deviation_factors(
  factor: usize, high: usize, low: usize, dy: usize, means: usize, std: OptionalAddress, divisor: f64, n: i32,
): void {
  for (let o: usize = 0; o < <usize>n; o++) {
    const mean = load<f64>(means + (o << 3));
    store<f32>(high + (o << 2), <f32>mean);
    store<f32>(low + (o << 2), <f32>(mean - <f64><f32>mean));
    const g = <f64>load<f32>(dy + (o << 2));
    let slope: f64;
    if (std == 0) {
      slope = 2 * g / divisor;
    } else {
      const root = <f64>load<f32>(std + (o << 2));
      slope = root == 0 ? 0 : g / (root * divisor);
    }
    store<f32>(factor + (o << 2), <f32>slope);
  }
}

class DeviationGradient extends Spread {
  @inline at(x: v128, factor: v128, high: v128, low: v128, arg: f64): v128 {
    return f32x4.mul(factor, f32x4.sub(f32x4.sub(x, high), low));
  }
}

/**
 * dx = factor·(x − mean), mean = high + low, for the rows o·reduce + r in [begin, end).
 * @work (end - begin) * inner
 */
export function f32_deviation_backward(
  dx: usize, factor: usize, x: usize, high: usize, low: usize, reduce: i32, inner: i32, begin: i32, end: i32,
): void {
  spread<DeviationGradient>(dx, factor, x, high, low, reduce, inner, 0, begin, end);
}
