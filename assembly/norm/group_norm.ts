/**
 * Group norm of x [n, channels, spatial]: each image's channels in `groups` groups, each group normalised by itself:
 *
 *   y = (x − mean)·inverse·weight + bias      over (channels / groups)·spatial elements; weight, bias by channel
 *
 * A row is one group of one image: n·groups of them. statistics [3, n·groups]: mean, rest of the mean, inverse. The
 * addresses of weight and bias may be 0: ones and zeros.
 */
import { assertShare, assertSizes, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { rowStatistics } from './layer_norm';
import { rowCombine, rowMap, rowProducts } from './sums';

/**
 * y and statistics for the rows [begin, end). y may be x.
 *
 * @work 3 * (end - begin) * (channels / groups) * spatial
 */
export function f32_group_norm_forward(
  y: usize, statistics: usize, x: usize, weight: OptionalAddress, bias: OptionalAddress, n: i32, channels: i32,
  spatial: i32, groups: i32, eps: f64, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(y | statistics | x | weight | bias);
  assertSizes(n | channels | spatial | groups);
  const width = channels / groups;
  const rows = n * groups;
  for (let row = begin; row < end; row++) {
    let offset = <usize>(row * width * spatial) << 2;
    rowStatistics(statistics, x + offset, rows, row, width * spatial, eps);
    const at = statistics + (<usize>row << 2);
    const mean = load<f32>(at);
    const rest = load<f32>(at + (<usize>rows << 2));
    const inverse = load<f32>(at + (<usize>rows << 3));
    const first = (row % groups) * width;
    for (let channel = first; channel < first + width; channel++, offset += <usize>spatial << 2) {
      const entry = <usize>channel << 2;
      rowMap(
        y + offset, x + offset, spatial, mean, rest, weight == 0 ? inverse : inverse * load<f32>(weight + entry),
        bias == 0 ? 0 : load<f32>(bias + entry));
    }
  }
}

/**
 * dx for the rows [begin, end), unless its address is 0; and by image and channel, sums[0] = Σ dy and
 * sums[1] = Σ dy·(x − mean)·inverse over spatial: summed over the images, dBias and dWeight. sums [2, n, channels].
 *
 * @work 3 * (end - begin) * (channels / groups) * spatial
 */
export function f32_group_norm_backward(
  dx: OptionalAddress, sums: usize, dy: usize, x: usize, statistics: usize, weight: OptionalAddress, n: i32,
  channels: i32, spatial: i32, groups: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | sums | dy | x | statistics | weight);
  assertSizes(n | channels | spatial | groups);
  const width = channels / groups;
  const rows = n * groups;
  const step = <usize>spatial << 2;
  for (let row = begin; row < end; row++) {
    const at = statistics + (<usize>row << 2);
    const mean = load<f32>(at);
    const rest = load<f32>(at + (<usize>rows << 2));
    const inverse = load<f32>(at + (<usize>rows << 3));
    const first = <usize>(row * width * spatial) << 2;
    const weights = weight + (<usize>((row % groups) * width) << 2);
    let sum: f64 = 0;
    let product: f64 = 0;
    for (let i = 0; i < width; i++) {
      const offset = first + <usize>i * step;
      const pair = rowProducts(dy + offset, x + offset, spatial, mean, rest);
      const a = f64x2.extract_lane(pair, 0);
      const b = f64x2.extract_lane(pair, 1) * <f64>inverse;
      const to = sums + (<usize>(row * width + i) << 2);
      store<f32>(to, <f32>a);
      store<f32>(to + (<usize>(n * channels) << 2), <f32>b);
      const w: f64 = weight == 0 ? 1 : <f64>load<f32>(weights + (<usize>i << 2));
      sum += w * a;
      product += w * b;
    }
    if (dx == 0) continue;
    const against = -<f64>inverse / <f64>(width * spatial);
    const shift = <f32>(against * sum);
    const slope = <f32>(against * <f64>inverse * product);
    for (let i = 0; i < width; i++) {
      const offset = first + <usize>i * step;
      rowCombine(
        dx + offset, dy + offset, x + offset, spatial, mean, rest,
        weight == 0 ? inverse : inverse * load<f32>(weights + (<usize>i << 2)), slope, shift);
    }
  }
}
