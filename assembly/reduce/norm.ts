import { f64_power } from '../simd/power';
import { Additive, Fold, fold } from './fold';
import { Spread, spread } from './spread';

abstract class Powers extends Additive {
  @inline parameter(params: usize, o: usize, p: f64): f64 { return p; }
}

class Norm1 extends Powers {
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.add(total, f64x2.abs(x)); }
  @inline finish(total: f64, p: f64): f64 { return total; }
}

class Norm2 extends Powers {
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.add(total, f64x2.mul(x, x)); }
  @inline finish(total: f64, p: f64): f64 { return sqrt(total); }
}

class NormP extends Powers {
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.add(total, powersOf(x, p)); }
  @inline finish(total: f64, p: f64): f64 { return f64_power(total, 1 / p); }
}

/** |x|ᵖ */
function powersOf(x: v128, p: v128): v128 {
  const size = f64x2.abs(x);
  const power = f64x2.extract_lane(p, 0);
  const low = f64_power(f64x2.extract_lane(size, 0), power);
  const high = f64_power(f64x2.extract_lane(size, 1), power);
  return f64x2.replace_lane(f64x2.splat(low), 1, high);
}

class NormInfinity extends Fold {
  @inline start(): v128 { return f64x2.splat(0); }
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.max(total, f64x2.abs(x)); }
  @inline merge(a: v128, b: v128): v128 { return f64x2.max(a, b); }
  @inline finish(total: f64, p: f64): f64 { return total; }
  @inline parameter(params: usize, o: usize, p: f64): f64 { return p; }
}

/**
 * y[o, i] = (Σᵣ |x[o, r, i]|ᵖ)^(1/p), with p = ∞ the largest |x|, for the outputs o·inner + i in [begin, end). p > 0.
 * Summed in double precision: squares neither overflow nor vanish.
 * @work (end - begin) * reduce
 */
export function f32_norm(y: usize, x: usize, reduce: i32, inner: i32, p: f64, begin: i32, end: i32): void {
  if (p == 1) fold<Norm1, f32>(y, x, 0, reduce, inner, p, begin, end);
  else if (p == 2) fold<Norm2, f32>(y, x, 0, reduce, inner, p, begin, end);
  else if (p == Infinity) fold<NormInfinity, f32>(y, x, 0, reduce, inner, p, begin, end);
  else fold<NormP, f32>(y, x, 0, reduce, inner, p, begin, end);
}

// @ts-ignore: decorator
@inline
function signOf(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = v128.or(v128.and(x, f32x4.splat(-0.0)), f32x4.splat(1));
  return v128.bitselect(x, one, v128.or(f32x4.eq(x, zero), f32x4.ne(x, x)));
}

class Norm1Gradient extends Spread {
  @inline at(x: v128, dy: v128, y: v128, aux: v128, p: f64): v128 { return f32x4.mul(dy, signOf(x)); }
}

class Norm2Gradient extends Spread {
  @inline at(x: v128, dy: v128, y: v128, aux: v128, p: f64): v128 {
    return f32x4.mul(dy, v128.andnot(f32x4.div(x, y), f32x4.eq(y, f32x4.splat(0))));
  }
}

class NormPGradient extends Spread {
  @inline at(x: v128, dy: v128, y: v128, aux: v128, p: f64): v128 {
    return normPSlope(x, dy, y, p);
  }
}

function normPSlope(x: v128, dy: v128, y: v128, p: f64): v128 {
  const power = p - 1;
  const ratio = f32x4.div(f32x4.abs(x), y);
  let factor = f32x4.splat(<f32>f64_power(<f64>f32x4.extract_lane(ratio, 0), power));
  factor = f32x4.replace_lane(factor, 1, <f32>f64_power(<f64>f32x4.extract_lane(ratio, 1), power));
  factor = f32x4.replace_lane(factor, 2, <f32>f64_power(<f64>f32x4.extract_lane(ratio, 2), power));
  factor = f32x4.replace_lane(factor, 3, <f32>f64_power(<f64>f32x4.extract_lane(ratio, 3), power));
  return v128.andnot(f32x4.mul(dy, f32x4.mul(signOf(x), factor)), f32x4.eq(x, f32x4.splat(0)));
}

/**
 * dx = dy·sign(x)·(|x| / y)^(p−1), and 0 where x = 0, for the rows o·reduce + r in [begin, end). p > 0, finite.
 * @work (end - begin) * inner
 */
export function f32_norm_backward(
  dx: usize, dy: usize, x: usize, y: usize, reduce: i32, inner: i32, p: f64, begin: i32, end: i32,
): void {
  if (p == 1) spread<Norm1Gradient>(dx, dy, x, y, y, reduce, inner, p, begin, end);
  else if (p == 2) spread<Norm2Gradient>(dx, dy, x, y, y, reduce, inner, p, begin, end);
  else spread<NormPGradient>(dx, dy, x, y, y, reduce, inner, p, begin, end);
}

/** How many |x| equal p, or are NaN. */
class LargestTies extends Additive {
  @inline step(total: v128, x: v128, p: v128): v128 {
    const same = v128.or(f64x2.eq(f64x2.abs(x), p), f64x2.ne(x, x));
    return f64x2.add(total, v128.and(same, f64x2.splat(1)));
  }
  @inline finish(total: f64, arg: f64): f64 { return total; }
  @inline parameter(params: usize, o: usize, arg: f64): f64 { return <f64>load<f32>(params + (o << 2)); }
}

/**
 * counts[o, i] = number of r with |x[o, r, i]| = y[o, i], or NaN, for the outputs o·inner + i in [begin, end).
 * @work (end - begin) * reduce
 */
export function f32_norm_ties(counts: usize, x: usize, y: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  fold<LargestTies, f32>(counts, x, y, reduce, inner, 0, begin, end);
}

class LargestGradient extends Spread {
  @inline at(x: v128, dy: v128, y: v128, counts: v128, arg: f64): v128 {
    const same = v128.or(f32x4.eq(f32x4.abs(x), y), f32x4.ne(x, x));
    return v128.and(same, f32x4.mul(f32x4.div(dy, counts), signOf(x)));
  }
}

/**
 * p = ∞: dx = dy·sign(x) / counts where |x| = y, else 0, for the rows o·reduce + r in [begin, end).
 * @work (end - begin) * inner
 */
export function f32_norm_ties_backward(
  dx: usize, dy: usize, x: usize, y: usize, counts: usize, reduce: i32, inner: i32, begin: i32, end: i32,
): void {
  spread<LargestGradient>(dx, dy, x, y, counts, reduce, inner, 0, begin, end);
}
