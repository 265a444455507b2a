import { f32_sum_contiguous } from '../simd/sum';
import { f64x2_from_high, f64x2_from_low } from '../simd/vector';
import { inner_size, inner_stride, row_offset } from './geometry';

/** out = x repeated along some axes (`geometry`, `rank`: see `geometry.ts`), output elements [begin, end), 4 bytes each. */
export function x32_expand(out: usize, x: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  const inner = inner_size(geometry, rank, 1);
  const step = inner_stride(geometry, rank, 1, 0);
  for (let i = begin; i < end;) {
    const row = i / inner;
    const within = i - row * inner;
    const count = min(inner - within, end - i);
    const from = x + (<usize>(row_offset(geometry, rank, 1, 0, row) + within * step) << 2);
    const to = out + (<usize>i << 2);
    if (step == 1) memory.copy(to, from, <usize>count << 2);
    else fill_x32(to, load<u32>(from), count);
    i += count;
  }
}

/** The same for elements of one byte. */
export function u8_expand(out: usize, x: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  const inner = inner_size(geometry, rank, 1);
  const step = inner_stride(geometry, rank, 1, 0);
  for (let i = begin; i < end;) {
    const row = i / inner;
    const within = i - row * inner;
    const count = min(inner - within, end - i);
    const from = x + <usize>(row_offset(geometry, rank, 1, 0, row) + within * step);
    if (step == 1) memory.copy(out + <usize>i, from, <usize>count);
    else memory.fill(out + <usize>i, load<u8>(from), <usize>count);
    i += count;
  }
}

function fill_x32(to: usize, value: u32, count: i32): void {
  const all = i32x4.splat(value);
  const end = to + (<usize>count << 2);
  for (; to + 16 <= end; to += 16) v128.store(to, all);
  for (; to < end; to += 4) store<u32>(to, value);
}

/**
 * out[c] = Σ over n, p of x[n,c,p] for channels [begin, end); x is [images, channels, plane]. Totals in doubles; each
 * channel is summed image by image, its planes as in `f32_sum_contiguous`.
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
 * float additions, totals in doubles; the order depends on the number of rows alone.
 */
export function f32_sum_columns(out: usize, x: usize, rows: i32, columns: i32, begin: i32, end: i32): void {
  const row_bytes = <usize>columns << 2;
  let c = begin;
  for (; c + 4 <= end; c += 4) {
    const from = x + (<usize>c << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let at = from;
    const blocks = from + <usize>(rows & ~7) * row_bytes;
    while (at != blocks) {
      const top = f32x4.add(add_rows(at, row_bytes), add_rows(at + 2 * row_bytes, row_bytes));
      at += 4 * row_bytes;
      const sum = f32x4.add(top, f32x4.add(add_rows(at, row_bytes), add_rows(at + 2 * row_bytes, row_bytes)));
      at += 4 * row_bytes;
      low = f64x2.add(low, f64x2_from_low(sum));
      high = f64x2.add(high, f64x2_from_high(sum));
    }
    const bottom = from + <usize>rows * row_bytes;
    for (; at != bottom; at += row_bytes) {
      const v = v128.load(at);
      low = f64x2.add(low, f64x2_from_low(v));
      high = f64x2.add(high, f64x2_from_high(v));
    }
    const low_sums = f32x4.demote_f64x2_zero(low);
    v128.store(out + (<usize>c << 2), v128.shuffle<f32>(low_sums, f32x4.demote_f64x2_zero(high), 0, 1, 4, 5));
  }
  for (; c < end; c++) store<f32>(out + (<usize>c << 2), <f32>sum_column(x + (<usize>c << 2), rows, row_bytes));
}

/** Two rows of four columns, added. */
// @ts-ignore: decorator
@inline
function add_rows(at: usize, row_bytes: usize): v128 {
  return f32x4.add(v128.load(at), v128.load(at + row_bytes));
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

/**
 * out[k] = Σ over the reduced axes of x, for kept elements k in [begin, end), in doubles, in row-major order.
 * Two tables of [size, stride] rows (i32, outermost first): the kept axes, then the reduced ones. At least one each.
 */
export function f32_sum_axes(out: usize, x: usize, geometry: usize, kept: i32, reduced: i32, begin: i32, end: i32): void {
  const reduced_axes = geometry + (<usize>kept << 3);
  const inner = inner_size(reduced_axes, reduced, 1);
  const step = <usize>inner_stride(reduced_axes, reduced, 1, 0) << 2;
  let rows = 1;
  for (let axis = 0; axis < reduced - 1; axis++) rows *= load<i32>(reduced_axes + (<usize>axis << 3));
  for (let k = begin; k < end; k++) {
    const kept_row = k / inner_size(geometry, kept, 1);
    const within = k - kept_row * inner_size(geometry, kept, 1);
    const base = x + (<usize>(row_offset(geometry, kept, 1, 0, kept_row) + within * inner_stride(geometry, kept, 1, 0)) << 2);
    let total: f64 = 0;
    for (let row = 0; row < rows; row++) {
      let at = base + (<usize>row_offset(reduced_axes, reduced, 1, 0, row) << 2);
      for (let i = 0; i < inner; i++, at += step) total += <f64>load<f32>(at);
    }
    store<f32>(out + (<usize>k << 2), <f32>total);
  }
}
