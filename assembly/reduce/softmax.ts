// Softmax and its kin over rows [rows, count]; a share is of rows.
import { f32x4_exp, f32x4_exp_below_0 } from '../simd/exp';
import { f64x2_from_high, f64x2_from_low, f64x2_hsum, x32x4_load_tail, x32x4_store_tail } from '../simd/vector';
import { logOf, rowExpSum, rowMax } from './row';

/**
 * y = e^(x − max) / Σ e^(x − max), row by row. y may be x.
 * @work (end - begin) * count * 12
 */
export function f32_softmax_forward(y: usize, x: usize, count: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const offset = (<usize>r * <usize>count) << 2;
    const out = y + offset;
    const sum = <f32>rowExpSum(x + offset, count, rowMax(x + offset, count), out);
    const divisor = f32x4.splat(sum);
    const last = out + (<usize>count << 2);
    let at = out;
    for (; at + 16 <= last; at += 16) v128.store(at, f32x4.div(v128.load(at), divisor));
    for (; at < last; at += 4) store<f32>(at, load<f32>(at) / sum);
  }
}

/**
 * dx = y·(dy − Σ dy·y), row by row. dx may be dy.
 * @work (end - begin) * count * 4
 */
export function f32_softmax_backward(dx: usize, dy: usize, y: usize, count: i32, begin: i32, end: i32): void {
  const bytes = <usize>count << 2;
  const vectors = <usize>(count & ~3) << 2;
  for (let r = begin; r < end; r++) {
    const offset = <usize>r * bytes;
    const g = dy + offset;
    const p = y + offset;
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let i: usize = 0;
    for (; i < vectors; i += 16) {
      const product = f32x4.mul(v128.load(g + i), v128.load(p + i));
      low = f64x2.add(low, f64x2_from_low(product));
      high = f64x2.add(high, f64x2_from_high(product));
    }
    let total = f64x2_hsum(f64x2.add(low, high));
    for (; i < bytes; i += 4) total += <f64>(load<f32>(g + i) * load<f32>(p + i));

    const shift = f32x4.splat(<f32>total);
    const out = dx + offset;
    for (i = 0; i < vectors; i += 16) {
      v128.store(out + i, f32x4.mul(v128.load(p + i), f32x4.sub(v128.load(g + i), shift)));
    }
    for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(p + i) * (load<f32>(g + i) - <f32>total));
  }
}

/**
 * y = (x − max) − log Σ e^(x − max), row by row. y may be x.
 * @work (end - begin) * count * 10
 */
export function f32_log_softmax_forward(y: usize, x: usize, count: i32, begin: i32, end: i32): void {
  const bytes = <usize>count << 2;
  const vectors = <usize>(count & ~3) << 2;
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * bytes;
    const to = y + <usize>r * bytes;
    const largest = rowMax(from, count);
    const rest = logOf(<f32>rowExpSum(from, count, largest, 0));
    const m = f32x4.splat(largest);
    const l = f32x4.splat(rest);
    let i: usize = 0;
    for (; i < vectors; i += 16) v128.store(to + i, f32x4.sub(f32x4.sub(v128.load(from + i), m), l));
    for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i) - largest - rest);
  }
}

/**
 * dx = dy − e^y·Σ dy, row by row. dx may be dy.
 * @work (end - begin) * count * 10
 */
export function f32_log_softmax_backward(dx: usize, dy: usize, y: usize, count: i32, begin: i32, end: i32): void {
  const bytes = <usize>count << 2;
  const vectors = <usize>(count & ~3) << 2;
  const rest = count & 3;
  for (let r = begin; r < end; r++) {
    const g = dy + <usize>r * bytes;
    const p = y + <usize>r * bytes;
    const out = dx + <usize>r * bytes;
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let i: usize = 0;
    for (; i < vectors; i += 16) {
      const v = v128.load(g + i);
      low = f64x2.add(low, f64x2_from_low(v));
      high = f64x2.add(high, f64x2_from_high(v));
    }
    let total = f64x2_hsum(f64x2.add(low, high));
    for (; i < bytes; i += 4) total += <f64>load<f32>(g + i);

    const s = f32x4.splat(<f32>total);
    for (i = 0; i < vectors; i += 16) {
      v128.store(out + i, f32x4.sub(v128.load(g + i), f32x4.mul(f32x4_exp_below_0(v128.load(p + i)), s)));
    }
    if (rest > 0) {
      const probabilities = f32x4_exp_below_0(x32x4_load_tail(p + i, rest));
      x32x4_store_tail(out + i, f32x4.sub(x32x4_load_tail(g + i, rest), f32x4.mul(probabilities, s)), rest);
    }
  }
}

/** Σ eˣ of a row whose largest number is infinite: ∞ or 0, unless there is a NaN. */
function infiniteExpSum(x: usize, count: i32, largest: f32): f32 {
  for (let i = 0; i < count; i++) {
    const value = load<f32>(x + (<usize>i << 2));
    if (value != value) return value;
  }
  return max<f32>(largest, 0);
}

/**
 * y[r] = log Σ eˣ, row by row; −∞ of nothing. stats[r] = shift, Σ e^(x − shift): what the way back needs.
 * @work (end - begin) * count * 10
 */
export function f32_log_sum_exp_forward(y: usize, stats: usize, x: usize, count: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const row = x + ((<usize>r * <usize>count) << 2);
    const largest = rowMax(row, count);
    // ∞ − ∞ is no number: rows whose largest is infinite are not shifted.
    const infinite = abs(largest) == Infinity;
    const shift: f32 = infinite ? 0 : largest;
    const sum = infinite ? infiniteExpSum(row, count, largest) : <f32>rowExpSum(row, count, shift, 0);
    store<f32>(stats + (<usize>r << 3), shift);
    store<f32>(stats + (<usize>r << 3), sum, 4);
    store<f32>(y + (<usize>r << 2), shift + logOf(sum));
  }
}

/**
 * dx[r, i] = dy[r]·e^(x[r, i] − shift) / Σ e^(x − shift).
 * @work (end - begin) * count * 10
 */
export function f32_log_sum_exp_backward(
  dx: usize, dy: usize, stats: usize, x: usize, count: i32, begin: i32, end: i32,
): void {
  const vectors = <usize>(count & ~3) << 2;
  const rest = count & 3;
  for (let r = begin; r < end; r++) {
    const offset = (<usize>r * <usize>count) << 2;
    const shift = v128.load32_splat(stats + (<usize>r << 3));
    const g = f32x4.div(v128.load32_splat(dy + (<usize>r << 2)), v128.load32_splat(stats + (<usize>r << 3), 4));
    let i: usize = 0;
    for (; i < vectors; i += 16) {
      v128.store(dx + offset + i, f32x4.mul(g, f32x4_exp(f32x4.sub(v128.load(x + offset + i), shift))));
    }
    if (rest > 0) {
      const e = f32x4_exp(f32x4.sub(x32x4_load_tail(x + offset + i, rest), shift));
      x32x4_store_tail(dx + offset + i, f32x4.mul(g, e), rest);
    }
  }
}
