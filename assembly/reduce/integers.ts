// Integers, many to one: x [outer, reduce, inner] of int32 → y [outer, inner] of doubles, which hold every int32.

/** How integers are folded into a `T`, one by one. Used through `changetype<Op>(0)`, so that every call is inlined. */
abstract class IntegerFold<T> {
  abstract start(): T;
  abstract step(total: T, x: i32): T;
}

class Sum extends IntegerFold<i64> {
  @inline start(): i64 { return 0; }
  @inline step(total: i64, x: i32): i64 { return total + <i64>x; }
}

/** Exact to 2⁵³. It stays finite, so that a factor of 0 makes it 0 wherever it comes. */
class Product extends IntegerFold<f64> {
  @inline start(): f64 { return 1; }
  @inline step(total: f64, x: i32): f64 { return min<f64>(max<f64>(total * <f64>x, -1e290), 1e290); }
}

/** y[o, i] = (x[o, 0, i] ∘ x[o, 1, i] ∘ …) / divisor, in turn, for the outputs o·inner + i in [begin, end). */
// @ts-ignore: decorator
@inline
function foldIntegers<Op extends IntegerFold<T>, T>(
  y: usize, x: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32,
): void {
  const op = changetype<Op>(0);
  const stride = <usize>inner << 2;
  for (let o = begin; o < end; o++) {
    const block = o / inner;
    let at = x + ((<usize>block * <usize>reduce * <usize>inner + <usize>(o - block * inner)) << 2);
    let total = op.start();
    for (let r = 0; r < reduce; r++, at += stride) total = op.step(total, load<i32>(at));
    store<f64>(y + (<usize>o << 3), <f64>total / divisor);
  }
}

/**
 * y[o, i] = Σᵣ x[o, r, i] / divisor for the outputs o·inner + i in [begin, end). The sum is exact (64 bits).
 * @work (end - begin) * reduce * 4
 */
export function i32_sum_f64(y: usize, x: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32): void {
  foldIntegers<Sum, i64>(y, x, reduce, inner, divisor, begin, end);
}

/**
 * y[o, i] = Πᵣ x[o, r, i] for the outputs o·inner + i in [begin, end): exact where it fits int32, else beyond int32.
 * @work (end - begin) * reduce * 4
 */
export function i32_prod_f64(y: usize, x: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  foldIntegers<Product, f64>(y, x, reduce, inner, 1, begin, end);
}

/**
 * y[o, r, i] = x[o, r, i] − means[o, i], rounded once, as float32, for the rows o·reduce + r in [begin, end).
 * @work (end - begin) * inner
 */
export function i32_deviations(y: usize, x: usize, means: usize, reduce: i32, inner: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const first = <usize>row * <usize>inner;
    const mean = means + ((<usize>(row / reduce) * <usize>inner) << 3);
    for (let i: usize = 0; i < <usize>inner; i++) {
      const at = (first + i) << 2;
      store<f32>(y + at, <f32>(<f64>load<i32>(x + at) - load<f64>(mean + (i << 3))));
    }
  }
}
