import { Fold, fold } from './fold';
import { Spread, spread } from './spread';

abstract class Multiplicative extends Fold {
  @inline start(): v128 { return f64x2.splat(1); }
  @inline merge(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
  @inline finish(total: f64, arg: f64): f64 { return total; }
  @inline parameter(params: usize, o: usize, arg: f64): f64 { return 0; }
}

class Product extends Multiplicative {
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.mul(total, x); }
}

/** Of all factors that are not 0. */
class NonzeroProduct extends Multiplicative {
  @inline step(total: v128, x: v128, p: v128): v128 {
    return f64x2.mul(total, v128.bitselect(f64x2.splat(1), x, f64x2.eq(x, f64x2.splat(0))));
  }
}

/**
 * y[o, i] = Πᵣ x[o, r, i] for the outputs o·inner + i in [begin, end), multiplied in double precision.
 * @work (end - begin) * reduce
 */
export function f32_prod(y: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  fold<Product, f32>(y, x, 0, reduce, inner, 0, begin, end);
}

/**
 * The same without the factors that are 0.
 * @work (end - begin) * reduce
 */
export function f32_prod_nonzero(y: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  fold<NonzeroProduct, f32>(y, x, 0, reduce, inner, 0, begin, end);
}

class ProductGradient extends Spread {
  @inline at(x: v128, dy: v128, product: v128, zeros: v128, arg: f64): v128 {
    const zero = f32x4.splat(0);
    const whole = f32x4.mul(dy, product);
    const here = f32x4.eq(x, zero);
    const among = v128.and(f32x4.div(whole, x), f32x4.eq(zeros, zero));
    const alone = v128.and(whole, f32x4.eq(zeros, f32x4.splat(1)));
    return v128.bitselect(alone, among, here);
  }
}

/**
 * dx = dy·Π(the other factors) for the rows o·reduce + r in [begin, end). product [outer, inner]: of the factors that
 * are not 0; zeros [outer, inner]: how many are. One zero: only it receives something. Two: nothing does.
 * @work (end - begin) * inner
 */
export function f32_prod_backward(
  dx: usize, dy: usize, x: usize, product: usize, zeros: usize, reduce: i32, inner: i32, begin: i32, end: i32,
): void {
  spread<ProductGradient>(dx, dy, x, product, zeros, reduce, inner, 0, begin, end);
}
