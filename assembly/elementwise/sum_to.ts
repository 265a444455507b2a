/** Sums over what was repeated: the gradients of inputs that broadcast, and of biases. */
import { f32_sum_contiguous } from '../simd/sum';
import { f64x2_from_high, f64x2_from_low } from '../simd/vector';

/**
 * out[c] = Σ over n, p of x[n,c,p] for channels [begin, end); x is [images, channels, plane]. Totals in doubles; each
 * channel is summed image by image, its planes as in `f32_sum_contiguous`.
 * @work (end - begin) * images * plane
 */
export function f32_sum_channels(out: usize, x: usize, images: i32, channels: i32, plane: i32, begin: i32, end: i32): void {
  const image_bytes = <usize>channels * <usize>plane << 2;
  for (let c = begin; c < end; c++) {
    let total: f64 = 0;
    let at = x + (<usize>c * <usize>plane << 2);
    for (let n = 0; n < images; n++, at += image_bytes) total += f32_sum_contiguous(at, plane);
    store<f32>(out + (<usize>c << 2), <f32>total);
  }
}

/**
 * out[c] = Σ over r of x[r,c] for columns [begin, end); x is [rows, columns]. Eight rows at a time by a tree of three
 * float additions, totals in doubles: the error is below 4 half-ULPs of Σ|x|, and the order depends on the number of
 * rows alone. Sixteen columns at a time, as a cache line holds.
 * @work (end - begin) * rows
 */
export function f32_sum_columns(out: usize, x: usize, rows: i32, columns: i32, begin: i32, end: i32): void {
  const row_bytes = <usize>columns << 2;
  let c = begin;
  for (; c + 16 <= end; c += 16) sum_columns(out + (<usize>c << 2), x + (<usize>c << 2), rows, row_bytes, true);
  for (; c + 4 <= end; c += 4) sum_columns(out + (<usize>c << 2), x + (<usize>c << 2), rows, row_bytes, false);
  for (; c < end; c++) store<f32>(out + (<usize>c << 2), <f32>sum_column(x + (<usize>c << 2), rows, row_bytes));
}

/** Four columns, or sixteen. */
// @ts-ignore: decorator
@inline
function sum_columns(out: usize, at: usize, rows: i32, row_bytes: usize, sixteen: bool): void {
  let a = f64x2.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  const blocks = at + <usize>(rows & ~7) * row_bytes;
  for (; at != blocks; at += 8 * row_bytes) {
    const first = add_eight(at, row_bytes);
    a = f64x2.add(a, f64x2_from_low(first));
    b = f64x2.add(b, f64x2_from_high(first));
    if (sixteen) {
      const second = add_eight(at + 16, row_bytes);
      c = f64x2.add(c, f64x2_from_low(second));
      d = f64x2.add(d, f64x2_from_high(second));
      const third = add_eight(at + 32, row_bytes);
      e = f64x2.add(e, f64x2_from_low(third));
      f = f64x2.add(f, f64x2_from_high(third));
      const fourth = add_eight(at + 48, row_bytes);
      g = f64x2.add(g, f64x2_from_low(fourth));
      h = f64x2.add(h, f64x2_from_high(fourth));
    }
  }
  const bottom = at + <usize>(rows & 7) * row_bytes;
  for (; at != bottom; at += row_bytes) {
    a = f64x2.add(a, f64x2_from_low(v128.load(at)));
    b = f64x2.add(b, f64x2_from_high(v128.load(at)));
    if (sixteen) {
      c = f64x2.add(c, f64x2_from_low(v128.load(at, 16)));
      d = f64x2.add(d, f64x2_from_high(v128.load(at, 16)));
      e = f64x2.add(e, f64x2_from_low(v128.load(at, 32)));
      f = f64x2.add(f, f64x2_from_high(v128.load(at, 32)));
      g = f64x2.add(g, f64x2_from_low(v128.load(at, 48)));
      h = f64x2.add(h, f64x2_from_high(v128.load(at, 48)));
    }
  }
  v128.store(out, rounded(a, b));
  if (sixteen) {
    v128.store(out, rounded(c, d), 16);
    v128.store(out, rounded(e, f), 32);
    v128.store(out, rounded(g, h), 48);
  }
}

/** Eight rows of four columns, added as a tree. */
// @ts-ignore: decorator
@inline
function add_eight(at: usize, row_bytes: usize): v128 {
  const half = at + 4 * row_bytes;
  const top = f32x4.add(add_two(at, row_bytes), add_two(at + 2 * row_bytes, row_bytes));
  return f32x4.add(top, f32x4.add(add_two(half, row_bytes), add_two(half + 2 * row_bytes, row_bytes)));
}

// @ts-ignore: decorator
@inline
function add_two(at: usize, row_bytes: usize): v128 {
  return f32x4.add(v128.load(at), v128.load(at + row_bytes));
}

/** Two pairs of doubles as floats. */
// @ts-ignore: decorator
@inline
function rounded(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** One column, in the order of one lane of the loop above. */
function sum_column(at: usize, rows: i32, row_bytes: usize): f64 {
  let total: f64 = 0;
  const blocks = at + <usize>(rows & ~7) * row_bytes;
  const bottom = at + <usize>rows * row_bytes;
  while (at != blocks) {
    const a = load<f32>(at) + load<f32>(at + row_bytes);
    const b = load<f32>(at + 2 * row_bytes) + load<f32>(at + 3 * row_bytes);
    at += 4 * row_bytes;
    const c = load<f32>(at) + load<f32>(at + row_bytes);
    const d = load<f32>(at + 2 * row_bytes) + load<f32>(at + 3 * row_bytes);
    at += 4 * row_bytes;
    total += <f64>((a + b) + (c + d));
  }
  for (; at != bottom; at += row_bytes) total += <f64>load<f32>(at);
  return total;
}
