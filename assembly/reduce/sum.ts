import { Additive, fold } from './fold';

/** Σ, divided by arg. */
class Sum extends Additive {
  @inline step(total: v128, x: v128, p: v128): v128 { return f64x2.add(total, x); }
  @inline finish(total: f64, arg: f64): f64 { return total / arg; }
  @inline parameter(params: usize, o: usize, arg: f64): f64 { return 0; }
}

/**
 * y[o, i] = Σᵣ x[o, r, i] / divisor for the outputs o·inner + i in [begin, end), summed in double precision.
 * @work (end - begin) * reduce
 */
export function f32_sum(y: usize, x: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32): void {
  fold<Sum, f32>(y, x, 0, reduce, inner, divisor, begin, end);
}

/**
 * The same with doubles as outputs.
 * @work (end - begin) * reduce
 */
export function f32_sum_f64(y: usize, x: usize, reduce: i32, inner: i32, divisor: f64, begin: i32, end: i32): void {
  fold<Sum, f64>(y, x, 0, reduce, inner, divisor, begin, end);
}

/**
 * dx[o, r, i] = dy[o, i] / divisor for the rows o·reduce + r in [begin, end).
 * @work (end - begin) * inner
 */
export function f32_sum_backward(
  dx: usize, dy: usize, reduce: i32, inner: i32, divisor: f32, begin: i32, end: i32,
): void {
  const d = f32x4.splat(divisor);
  if (inner == 1) {
    let row = begin;
    while (row < end) {
      const o = row / reduce;
      const g = f32x4.div(v128.load32_splat(dy + (<usize>o << 2)), d);
      const stop = min(end, (o + 1) * reduce);
      for (; row + 4 <= stop; row += 4) v128.store(dx + (<usize>row << 2), g);
      for (; row < stop; row++) v128.store_lane<f32>(dx + (<usize>row << 2), g, 0);
    }
    return;
  }
  const bytes = <usize>inner << 2;
  for (let row = begin; row < end; row++) {
    const inp = dy + <usize>(row / reduce) * bytes;
    const out = dx + <usize>row * bytes;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(out + i, f32x4.div(v128.load(inp + i), d));
    for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(inp + i) / divisor);
  }
}
