import { Additive, Fold, fold } from './fold';
import { Spread, spread } from './spread';

/** NaN where there is one. */
abstract class Extreme extends Fold {
  @inline finish(total: f64, arg: f64): f64 { return total; }
  @inline parameter(params: usize, o: usize, arg: f64): f64 { return 0; }
}

class Max extends Extreme {
  @inline start(): v128 { return f64x2.splat(-Infinity); }
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.max(total, x); }
  @inline merge(a: v128, b: v128): v128 { return f64x2.max(a, b); }
}

class Min extends Extreme {
  @inline start(): v128 { return f64x2.splat(Infinity); }
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.min(total, x); }
  @inline merge(a: v128, b: v128): v128 { return f64x2.min(a, b); }
}

/**
 * y[o, i] = maxᵣ x[o, r, i], NaN where one is, for the outputs o·inner + i in [begin, end).
 * @work (end - begin) * reduce
 */
export function f32_max(y: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  fold<Max, f32>(y, x, 0, reduce, inner, 0, begin, end);
}

/**
 * y[o, i] = minᵣ x[o, r, i], NaN where one is, for the outputs o·inner + i in [begin, end).
 * @work (end - begin) * reduce
 */
export function f32_min(y: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  fold<Min, f32>(y, x, 0, reduce, inner, 0, begin, end);
}

/** How many elements equal p, where NaN equals NaN. */
class Ties extends Additive {
  @inline step(total: v128, x: v128, p: v128): v128 {
    const same = v128.or(f64x2.eq(x, p), v128.and(f64x2.ne(x, x), f64x2.ne(p, p)));
    return f64x2.add(total, v128.and(same, f64x2.splat(1)));
  }
  @inline finish(total: f64, arg: f64): f64 { return total; }
  @inline parameter(params: usize, o: usize, arg: f64): f64 { return <f64>load<f32>(params + (o << 2)); }
}

/**
 * counts[o, i] = number of r with x[o, r, i] = y[o, i] (NaN = NaN), for the outputs o·inner + i in [begin, end).
 * @work (end - begin) * reduce
 */
export function f32_ties(counts: usize, x: usize, y: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  fold<Ties, f32>(counts, x, y, reduce, inner, 0, begin, end);
}

class TiesGradient extends Spread {
  @inline at(x: v128, dy: v128, y: v128, counts: v128, arg: f64): v128 {
    const same = v128.or(f32x4.eq(x, y), v128.and(f32x4.ne(x, x), f32x4.ne(y, y)));
    return v128.and(same, f32x4.div(dy, counts));
  }
}

/**
 * dx = dy / counts where x = y (NaN = NaN), else 0, for the rows o·reduce + r in [begin, end).
 * @work (end - begin) * inner
 */
export function f32_ties_backward(
  dx: usize, dy: usize, x: usize, y: usize, counts: usize, reduce: i32, inner: i32, begin: i32, end: i32,
): void {
  spread<TiesGradient>(dx, dy, x, y, counts, reduce, inner, 0, begin, end);
}

abstract class Better<T> {
  abstract than(a: T, b: T): bool;
}

class Larger<T> extends Better<T> {
  @inline than(a: T, b: T): bool { return a > b; }
}

class Smaller<T> extends Better<T> {
  @inline than(a: T, b: T): bool { return a < b; }
}

/** The first r of the best x; the first NaN where there is one. reduce ≥ 1. */
// @ts-ignore: decorator
@inline
function argBest<Op extends Better<T>, T>(index: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  const op = changetype<Op>(0);
  const stride = <usize>inner << 2;
  for (let o = begin; o < end; o++) {
    const block = o / inner;
    let at = x + ((<usize>block * <usize>reduce * <usize>inner + <usize>(o - block * inner)) << 2);
    let best = load<T>(at);
    let where = 0;
    for (let r = 1; r < reduce; r++) {
      at += stride;
      const value = load<T>(at);
      if (op.than(value, best) || (value != value && best == best)) {
        best = value;
        where = r;
      }
    }
    store<i32>(index + (<usize>o << 2), where);
  }
}

/**
 * index[o, i] = the first r of the largest x[o, r, i] (NaN is larger than all), for the outputs o·inner + i in [begin,
 * end).
 * @work (end - begin) * reduce * 4
 */
export function f32_argmax(index: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  argBest<Larger<f32>, f32>(index, x, reduce, inner, begin, end);
}

/**
 * index[o, i] = the first r of the smallest x[o, r, i] (NaN is smaller than all), for the outputs o·inner + i in
 * [begin, end).
 * @work (end - begin) * reduce * 4
 */
export function f32_argmin(index: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  argBest<Smaller<f32>, f32>(index, x, reduce, inner, begin, end);
}

/**
 * index[o, i] = the first r of the largest x[o, r, i], for the outputs o·inner + i in [begin, end).
 * @work (end - begin) * reduce * 4
 */
export function i32_argmax(index: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  argBest<Larger<i32>, i32>(index, x, reduce, inner, begin, end);
}

/**
 * index[o, i] = the first r of the smallest x[o, r, i], for the outputs o·inner + i in [begin, end).
 * @work (end - begin) * reduce * 4
 */
export function i32_argmin(index: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  argBest<Smaller<i32>, i32>(index, x, reduce, inner, begin, end);
}
