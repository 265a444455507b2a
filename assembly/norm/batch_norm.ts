/**
 * Batch norm of x [images, channels, spatial] over the channels [begin, end):
 *
 *   y = (x − mean)·inverse·weight + bias      inverse = 1/√(variance + eps)
 *
 * The variance is that of images·spatial numbers, ÷ their number.
 *
 * statistics [24, channels]: mean, rest of the mean (what a float is short of it), inverse, and 21 rows that the
 * kernels work in. With `relu`, the map is followed by a ReLU, and the gradient is that of both. The addresses of
 * weight and bias may be 0: ones and zeros. With spatial = 1 vectors run over channels (columns.ts), else along the
 * rows of the channels (channels.ts).
 */
import { assertShare, assertSizes, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { channelCombine, channelMap, channelProducts, channelStatistics } from './channels';
import { columnMap, columnStatistics } from './columns';
import { columnCombine, columnProducts } from './columns_backward';
import { assertBatchNormShape, assertChannels, BatchNormShape } from './shape';
import { COLUMNS } from './tuning';

/** Rows of `statistics`: numbers of a channel that the kernels keep and work in. */
const ROWS: i32 = 24;

/** Rows of `statistics`. */
export function f32_batch_norm_statistics_rows(): i32 {
  return ROWS;
}

/**
 * Training: statistics of x, then y, or with `relu` the ReLU of it. Where runningMean is not 0, running = (1 −
 * momentum)·running + momentum·statistic, the variance in it ÷ (images·spatial − 1). y may be x. images·spatial ≥ 2.
 *
 * @work 2 * (end - begin) * shape.images * shape.spatial
 */
export function f32_batch_norm_forward(
  y: usize, statistics: usize, runningMean: OptionalAddress, runningVariance: OptionalAddress, x: usize,
  weight: OptionalAddress, bias: OptionalAddress,
  shape: BatchNormShape, eps: f64, momentum: f64, begin: i32, end: i32,
): void {
  assertBatchNormShape(shape);
  assertShare(begin, end);
  assertChannels(shape, end);
  assertWords(y | statistics | runningMean | runningVariance | x | weight | bias);
  const n = shape.images, channels = shape.channels, spatial = shape.spatial, relu = shape.relu != 0;
  if (spatial == 1) {
    for (let channel = begin; channel < end; channel += COLUMNS) {
      const width = min(COLUMNS, end - channel);
      columnStatistics(statistics, runningMean, runningVariance, x, n, channels, <f32>eps, momentum, channel, width);
      columnMap(y, x, statistics, weight, bias, n, channels, relu, channel, width);
    }
  } else {
    channelStatistics(statistics, runningMean, runningVariance, x, n, channels, spatial, eps, momentum, begin, end);
    channelMap(y, x, statistics, weight, bias, n, channels, spatial, relu, begin, end);
  }
}

/**
 * Evaluation: y, or with `relu` the ReLU of it, from statistics that are there. y may be x.
 *
 * @work (end - begin) * shape.images * shape.spatial
 */
export function f32_batch_norm_map(
  y: usize, x: usize, weight: OptionalAddress, bias: OptionalAddress, statistics: usize, shape: BatchNormShape,
  begin: i32, end: i32,
): void {
  assertBatchNormShape(shape);
  assertShare(begin, end);
  assertChannels(shape, end);
  assertWords(y | x | weight | bias | statistics);
  const n = shape.images, channels = shape.channels, spatial = shape.spatial, relu = shape.relu != 0;
  if (spatial == 1) {
    for (let channel = begin; channel < end; channel += COLUMNS) {
      columnMap(y, x, statistics, weight, bias, n, channels, relu, channel, min(COLUMNS, end - channel));
    }
  } else {
    channelMap(y, x, statistics, weight, bias, n, channels, spatial, relu, begin, end);
  }
}

/** The statistics that running ones amount to: mean, 0, 1/√(variance + eps), for the channels [begin, end). */
export function f32_batch_norm_statistics(
  statistics: usize, runningMean: usize, runningVariance: usize, channels: i32, eps: f64, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(statistics | runningMean | runningVariance);
  assertSizes(channels);
  for (let channel = begin; channel < end; channel++) {
    const offset = <usize>channel << 2;
    const stride = <usize>channels << 2;
    store<f32>(statistics + offset, load<f32>(runningMean + offset));
    store<f32>(statistics + stride + offset, 0);
    store<f32>(statistics + 2 * stride + offset, <f32>(1 / Math.sqrt(<f64>load<f32>(runningVariance + offset) + eps)));
  }
}

/**
 * Statistics of the same deviation about a mean of 0: with them the map is its own gradient. For the channels [begin,
 * end).
 */
export function f32_batch_norm_centered(centered: usize, statistics: usize, channels: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(centered | statistics);
  assertSizes(channels);
  for (let channel = begin; channel < end; channel++) {
    const offset = <usize>channel << 2;
    const stride = <usize>channels << 2;
    store<f32>(centered + offset, 0);
    store<f32>(centered + stride + offset, 0);
    store<f32>(centered + 2 * stride + offset, load<f32>(statistics + 2 * stride + offset));
  }
}

/**
 * dBias = Σ dy, dWeight = Σ dy·(x − mean)·inverse over images and spatial; and where the address of dx is not 0, as the
 * statistics are those of x itself, dx = weight·inverse·(dy − (dBias + (x − mean)·inverse·dWeight) / (images·spatial)).
 * Where the address of y is not 0, it is the output of a map with `relu`, and dy counts as 0 where y ≤ 0.
 *
 * @work 2 * (end - begin) * shape.images * shape.spatial
 */
export function f32_batch_norm_backward(
  dx: OptionalAddress, dWeight: usize, dBias: usize, dy: usize, x: usize, weight: OptionalAddress, y: OptionalAddress,
  statistics: usize, shape: BatchNormShape,
  begin: i32, end: i32,
): void {
  assertBatchNormShape(shape);
  assertShare(begin, end);
  assertChannels(shape, end);
  assertWords(dx | dWeight | dBias | dy | x | weight | y | statistics);
  const n = shape.images, channels = shape.channels, spatial = shape.spatial;
  if (spatial == 1) {
    for (let channel = begin; channel < end; channel += COLUMNS) {
      const width = min(COLUMNS, end - channel);
      columnProducts(dWeight, dBias, dy, x, y, statistics, n, channels, channel, width);
      if (dx != 0) columnCombine(dx, dy, x, y, dWeight, dBias, statistics, weight, n, channels, channel, width);
    }
  } else {
    channelProducts(dWeight, dBias, dy, x, y, statistics, n, channels, spatial, begin, end);
    if (dx != 0) channelCombine(dx, dy, x, y, dWeight, dBias, statistics, weight, n, channels, spatial, begin, end);
  }
}
