/** Sums over what was repeated: the gradients of inputs that broadcast, and of biases. */
import { assertShare, assertSizes, assertWords } from '../assert';
import { f32_sum_contiguous } from '../simd/sum';
import { f64x2_from_high, f64x2_from_low } from '../simd/vector';

/**
 * out[c] = Σ over n, p of x[n,c,p] for channels [begin, end); x is [images, channels, plane]. Totals in doubles; each
 * channel is summed image by image, its planes as in `f32_sum_contiguous`.
 * @work (end - begin) * images * plane
 */
export function f32_sum_channels(
  out: usize, x: usize, images: i32, channels: i32, plane: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out | x);
  assertSizes(images | channels | plane);
  const imageBytes = <usize>channels * <usize>plane << 2;
  for (let c = begin; c < end; c++) {
    let total: f64 = 0;
    let at = x + (<usize>c * <usize>plane << 2);
    for (let n = 0; n < images; n++, at += imageBytes) total += f32_sum_contiguous(at, plane);
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
  assertShare(begin, end);
  assertWords(out | x);
  assertSizes(rows | columns);
  const rowBytes = <usize>columns << 2;
  let c = begin;
  for (; c + 16 <= end; c += 16) sumColumns(out + (<usize>c << 2), x + (<usize>c << 2), rows, rowBytes, true);
  for (; c + 4 <= end; c += 4) sumColumns(out + (<usize>c << 2), x + (<usize>c << 2), rows, rowBytes, false);
  for (; c < end; c++) store<f32>(out + (<usize>c << 2), <f32>sumColumn(x + (<usize>c << 2), rows, rowBytes));
}

/** Four columns, or sixteen. */
// @ts-ignore: decorator
@inline
function sumColumns(out: usize, at: usize, rows: i32, rowBytes: usize, sixteen: bool): void {
  let a = f64x2.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  const blocks = at + <usize>(rows & ~7) * rowBytes;
  for (; at != blocks; at += 8 * rowBytes) {
    const first = addEight(at, rowBytes);
    a = f64x2.add(a, f64x2_from_low(first));
    b = f64x2.add(b, f64x2_from_high(first));
    if (sixteen) {
      const second = addEight(at + 16, rowBytes);
      c = f64x2.add(c, f64x2_from_low(second));
      d = f64x2.add(d, f64x2_from_high(second));
      const third = addEight(at + 32, rowBytes);
      e = f64x2.add(e, f64x2_from_low(third));
      f = f64x2.add(f, f64x2_from_high(third));
      const fourth = addEight(at + 48, rowBytes);
      g = f64x2.add(g, f64x2_from_low(fourth));
      h = f64x2.add(h, f64x2_from_high(fourth));
    }
  }
  const bottom = at + <usize>(rows & 7) * rowBytes;
  for (; at != bottom; at += rowBytes) {
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
function addEight(at: usize, rowBytes: usize): v128 {
  const half = at + 4 * rowBytes;
  const top = f32x4.add(addTwo(at, rowBytes), addTwo(at + 2 * rowBytes, rowBytes));
  return f32x4.add(top, f32x4.add(addTwo(half, rowBytes), addTwo(half + 2 * rowBytes, rowBytes)));
}

// @ts-ignore: decorator
@inline
function addTwo(at: usize, rowBytes: usize): v128 {
  return f32x4.add(v128.load(at), v128.load(at + rowBytes));
}

/** Two pairs of doubles as floats. */
// @ts-ignore: decorator
@inline
function rounded(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** One column, in the order of one lane of the loop above. */
function sumColumn(at: usize, rows: i32, rowBytes: usize): f64 {
  let total: f64 = 0;
  const blocks = at + <usize>(rows & ~7) * rowBytes;
  const bottom = at + <usize>rows * rowBytes;
  while (at != blocks) {
    const a = load<f32>(at) + load<f32>(at + rowBytes);
    const b = load<f32>(at + 2 * rowBytes) + load<f32>(at + 3 * rowBytes);
    at += 4 * rowBytes;
    const c = load<f32>(at) + load<f32>(at + rowBytes);
    const d = load<f32>(at + 2 * rowBytes) + load<f32>(at + 3 * rowBytes);
    at += 4 * rowBytes;
    total += <f64>((a + b) + (c + d));
  }
  for (; at != bottom; at += rowBytes) total += <f64>load<f32>(at);
  return total;
}
