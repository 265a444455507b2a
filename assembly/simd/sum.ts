import { f32x4_hsum, f64x2_from_high, f64x2_from_low, f64x2_hsum, x32x4_load_tail } from './vector';

/**
 * Sum of `count` adjacent floats: 32 at a time by a tree of three float additions per lane, the totals in doubles.
 * The error is below 4 half-ULPs of Σ|x|, whatever the count; the order depends on the count alone.
 */
export function f32_sum_contiguous(x: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const blocks = x + (<usize>(count & ~31) << 2);
  for (; x < blocks; x += 128) {
    const a = f32x4.add(f32x4.add(v128.load(x), v128.load(x, 16)), f32x4.add(v128.load(x, 32), v128.load(x, 48)));
    const b = f32x4.add(f32x4.add(v128.load(x, 64), v128.load(x, 80)), f32x4.add(v128.load(x, 96), v128.load(x, 112)));
    const sum = f32x4.add(a, b);
    low = f64x2.add(low, f64x2_from_low(sum));
    high = f64x2.add(high, f64x2_from_high(sum));
  }
  const vectors = x + (<usize>(count & 28) << 2);
  for (; x < vectors; x += 16) {
    const v = v128.load(x);
    low = f64x2.add(low, f64x2_from_low(v));
    high = f64x2.add(high, f64x2_from_high(v));
  }
  const rest = count & 3;
  let total = f64x2_hsum(f64x2.add(low, high));
  if (rest > 0) total += <f64>f32x4_hsum(x32x4_load_tail(x, rest));
  return total;
}
