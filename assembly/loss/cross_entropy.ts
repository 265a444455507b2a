// Losses over rows of classes: x [rows, classes], target [rows] (class ids, or `ignored`), weight [classes] (0: all 1).
// A share is of rows. A row whose target is `ignored` has loss, weight and gradient 0. All other ids are in range.
import { assertShare, assertSizes, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { logOf, rowExpSum, rowMax } from '../reduce/row';
import { f32_sum_contiguous } from '../simd/sum';
import { x32x4_load_tail, x32x4_store_tail } from '../simd/vector';

// @ts-ignore: decorator
@inline
function weightOf(weight: usize, c: i32): f32 {
  return weight == 0 ? 1 : load<f32>(weight + (<usize>c << 2));
}

// @ts-ignore: decorator
@inline
function totalWeight(weight: usize, classes: i32): f64 {
  return weight == 0 ? <f64>classes : f32_sum_contiguous(weight, classes);
}

/**
 * The cross-entropy of softmax(x[r]) against class t = target[r], smoothed by s:
 *
 *   losses[r]  = −(1 − s)·w[t]·log p[t] − (s / classes)·Σ w[c]·log p[c]     log p[c] = (x[c] − max) − log Σ e^(x − max)
 *   weights[r] = w[t]
 *   terms[r,c] = e^(x − max), sums[r] = their sum: what the way back needs
 *
 * @work (end - begin) * classes * 10
 */
export function f32_cross_entropy_forward(
  losses: usize, weights: usize, terms: usize, sums: usize, x: usize, target: usize, weight: OptionalAddress,
  classes: i32, smoothing: f64, ignored: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(losses | weights | terms | sums | x | target | weight);
  assertSizes(classes);
  const all = totalWeight(weight, classes);
  for (let r = begin; r < end; r++) {
    const offset = (<usize>r * <usize>classes) << 2;
    const row = x + offset;
    const at = <usize>r << 2;
    const t = load<i32>(target + at);
    const largest = rowMax(row, classes);
    const sum = <f32>rowExpSum(row, classes, largest, terms + offset);
    store<f32>(sums + at, sum);
    if (t == ignored) {
      store<f32>(losses + at, 0);
      store<f32>(weights + at, 0);
      continue;
    }
    const logSum = logOf(sum);
    const own = weightOf(weight, t);
    let loss = <f64>own * <f64>(logSum - (load<f32>(row + (<usize>t << 2)) - largest));
    if (smoothing > 0) {
      let others: f64 = 0;
      for (let c = 0; c < classes; c++) {
        others += <f64>weightOf(weight, c) * <f64>(load<f32>(row + (<usize>c << 2)) - largest);
      }
      loss = (1 - smoothing) * loss + (smoothing / <f64>classes) * (all * <f64>logSum - others);
    }
    store<f32>(losses + at, <f32>loss);
    store<f32>(weights + at, own);
  }
}

/**
 * dx[r, c] = g·(A·p[c] − (s / classes)·w[c] − (1 − s)·w[t]·[c = t]), A = (1 − s)·w[t] + (s / classes)·Σ w,
 * g = dy[0] / divisor[0], p = terms / sums. Where the address of divisor is 0, dy has a gradient for each row: g =
 * dy[r].
 *
 * @work (end - begin) * classes
 */
export function f32_cross_entropy_backward(
  dx: usize, dy: usize, divisor: OptionalAddress, terms: usize, sums: usize, target: usize, weight: OptionalAddress,
  classes: i32, smoothing: f64, ignored: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy | divisor | terms | sums | target | weight);
  assertSizes(classes);
  const even = smoothing / <f64>classes;
  const all = totalWeight(weight, classes) * even;
  const vectors = <usize>(classes & ~3) << 2;
  const rest = classes & 3;
  const bytes = <usize>classes << 2;
  for (let r = begin; r < end; r++) {
    const out = dx + <usize>r * bytes;
    const row = terms + <usize>r * bytes;
    const t = load<i32>(target + (<usize>r << 2));
    if (t == ignored) {
      memory.fill(out, 0, bytes);
      continue;
    }
    const g = divisor == 0 ? <f64>load<f32>(dy + (<usize>r << 2)) : <f64>load<f32>(dy) / <f64>load<f32>(divisor);
    const own = (1 - smoothing) * <f64>weightOf(weight, t);
    const factor = f32x4.splat(<f32>(g * (own + all) / <f64>load<f32>(sums + (<usize>r << 2))));
    let i: usize = 0;
    for (; i < vectors; i += 16) v128.store(out + i, f32x4.mul(factor, v128.load(row + i)));
    if (rest > 0) x32x4_store_tail(out + i, f32x4.mul(factor, x32x4_load_tail(row + i, rest)), rest);
    if (smoothing > 0) {
      for (let c = 0; c < classes; c++) {
        const at = out + (<usize>c << 2);
        store<f32>(at, load<f32>(at) - <f32>(g * even * <f64>weightOf(weight, c)));
      }
    }
    const at = out + (<usize>t << 2);
    store<f32>(at, load<f32>(at) - <f32>(g * own));
  }
}

/**
 * losses[r] = −w[t]·x[r, t], weights[r] = w[t], t = target[r].
 * @work (end - begin) * 4
 */
export function f32_nll_forward(
  losses: usize, weights: usize, x: usize, target: usize, weight: OptionalAddress, classes: i32, ignored: i32,
  begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(losses | weights | x | target | weight);
  assertSizes(classes);
  for (let r = begin; r < end; r++) {
    const at = <usize>r << 2;
    const t = load<i32>(target + at);
    const counts = t != ignored;
    const own: f32 = counts ? weightOf(weight, t) : 0;
    store<f32>(weights + at, own);
    store<f32>(losses + at, counts ? -own * load<f32>(x + ((<usize>r * <usize>classes + <usize>t) << 2)) : 0);
  }
}

/**
 * dx[r, t] = −w[t]·dy[0] / divisor[0], or −w[t]·dy[r] where the address of divisor is 0; the rest of dx stays as it is:
 * 0 before.
 * @work (end - begin) * 4
 */
export function f32_nll_backward(
  dx: usize, dy: usize, divisor: OptionalAddress, target: usize, weight: OptionalAddress, classes: i32, ignored: i32,
  begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy | divisor | target | weight);
  assertSizes(classes);
  for (let r = begin; r < end; r++) {
    const t = load<i32>(target + (<usize>r << 2));
    if (t == ignored) continue;
    const g = divisor == 0 ? load<f32>(dy + (<usize>r << 2)) : load<f32>(dy) / load<f32>(divisor);
    store<f32>(dx + ((<usize>r * <usize>classes + <usize>t) << 2), -weightOf(weight, t) * g);
  }
}

/** mean[0] = Σ losses / Σ weights, divisor[0] = Σ weights, over `rows` rows; the sums in double precision. */
export function f32_weighted_mean(mean: usize, divisor: usize, losses: usize, weights: usize, rows: i32): void {
  assertWords(mean | divisor | losses | weights);
  assertSizes(rows);
  const total = f32_sum_contiguous(weights, rows);
  store<f32>(divisor, <f32>total);
  store<f32>(mean, <f32>(f32_sum_contiguous(losses, rows) / total));
}
