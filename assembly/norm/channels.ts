/**
 * Batch norm of x [n, channels, spatial], a channel at a time: n runs of `spatial` adjacent elements, the first at
 * channel·spatial, each channels·spatial after the last.
 *
 * The statistics take one pass: each chunk of runs gives Σ d and Σ d², d the deviation from the mean of the chunks
 * before it (the first chunk, which is read twice: from its own). Σ d² − (Σ d)²/m is then a difference of like numbers
 * only where the chunk's mean lies far off, and there the same distance enters the variance with a weight of m/2 or
 * more: the error stays within some roundings of the variance, whatever the numbers.
 *
 * statistics [3 or more, channels]: mean, rest of the mean, 1/√(variance + eps).
 */
import { runCombine, runMap, runMoments, runProducts, runSum, storeStatistics } from './run';

/** Elements of a chunk: 8 KB. */
const CHUNK: i32 = 2048;

/** Mean and deviation of one channel, and where runningMean is not 0 the running ones moved towards them. */
export function channelStatistics(statistics: usize, runningMean: usize, runningVariance: usize, x: usize, n: i32, channels: i32, spatial: i32, eps: f64, momentum: f64, channel: i32): void {
  const stride = <usize>(channels * spatial) << 2;
  const first = x + (<usize>(channel * spatial) << 2);
  const runs = min(max(1, CHUNK / spatial), n);
  const pivot = load<f32>(first);
  let mean: f64 = 0;
  for (let run = 0, at = first; run < runs; run++, at += stride) mean += runSum(at, spatial, pivot);
  mean = <f64>pivot + mean / <f64>(runs * spatial);
  let count: f64 = 0;
  let squares: f64 = 0; // Σ (x − mean)² over the chunks so far
  for (let run = 0, at = first; run < n; run += runs) {
    const inChunk = min(runs, n - run);
    const size = <f64>(inChunk * spatial);
    const nearest = <f32>mean;
    let moments = f64x2.splat(0);
    for (let i = 0; i < inChunk; i++, at += stride) moments = f64x2.add(moments, runMoments(at, spatial, nearest));
    const sum = f64x2.extract_lane(moments, 0);
    const own = sum / size;
    // Chan, Golub and LeVeque: the squares around the common mean, from those around each own.
    const apart = (<f64>nearest - mean) + own;
    const total = count + size;
    squares += max<f64>(f64x2.extract_lane(moments, 1) - sum * own, 0) + apart * apart * (count * size / total);
    mean += apart * (size / total);
    count = total;
  }
  storeStatistics(statistics, channels, channel, mean, squares / count, eps);
  if (runningMean != 0) {
    update(runningMean, channel, mean, momentum);
    update(runningVariance, channel, squares / (count - 1), momentum);
  }
}

// @ts-ignore: decorator
@inline
function update(running: usize, channel: i32, value: f64, momentum: f64): void {
  const at = running + (<usize>channel << 2);
  store<f32>(at, <f32>((1 - momentum) * <f64>load<f32>(at) + momentum * value));
}

// @ts-ignore: decorator
@inline
function at(array: usize, row: i32, channels: i32, channel: i32): f32 {
  return load<f32>(array + (<usize>(row * channels + channel) << 2));
}

/** y = ((x − mean) − rest)·inverse·weight + bias for one channel. */
export function channelMap(y: usize, x: usize, statistics: usize, weight: usize, bias: usize, n: i32, channels: i32, spatial: i32, channel: i32): void {
  const stride = <usize>(channels * spatial) << 2;
  let offset = <usize>(channel * spatial) << 2;
  const mean = at(statistics, 0, channels, channel);
  const rest = at(statistics, 1, channels, channel);
  let scale = at(statistics, 2, channels, channel);
  if (weight != 0) scale *= at(weight, 0, channels, channel);
  const shift: f32 = bias == 0 ? 0 : at(bias, 0, channels, channel);
  for (let run = 0; run < n; run++, offset += stride) runMap(y + offset, x + offset, spatial, mean, rest, scale, shift);
}

/** dBias = Σ dy, dWeight = Σ dy·((x − mean) − rest)·inverse for one channel. */
export function channelProducts(dWeight: usize, dBias: usize, dy: usize, x: usize, statistics: usize, n: i32, channels: i32, spatial: i32, channel: i32): void {
  const stride = <usize>(channels * spatial) << 2;
  let offset = <usize>(channel * spatial) << 2;
  const mean = at(statistics, 0, channels, channel);
  const rest = at(statistics, 1, channels, channel);
  let sums = f64x2.splat(0);
  for (let run = 0; run < n; run++, offset += stride) sums = f64x2.add(sums, runProducts(dy + offset, x + offset, spatial, mean, rest));
  store<f32>(dBias + (<usize>channel << 2), <f32>f64x2.extract_lane(sums, 0));
  store<f32>(dWeight + (<usize>channel << 2), <f32>(f64x2.extract_lane(sums, 1) * <f64>at(statistics, 2, channels, channel)));
}

/** dx = weight·inverse·(dy − (dBias + ((x − mean) − rest)·inverse·dWeight) / (n·spatial)) for one channel. */
export function channelCombine(dx: usize, dy: usize, x: usize, dWeight: usize, dBias: usize, statistics: usize, weight: usize, n: i32, channels: i32, spatial: i32, channel: i32): void {
  const stride = <usize>(channels * spatial) << 2;
  let offset = <usize>(channel * spatial) << 2;
  const mean = at(statistics, 0, channels, channel);
  const rest = at(statistics, 1, channels, channel);
  const inverse = at(statistics, 2, channels, channel);
  const scale = weight == 0 ? inverse : inverse * at(weight, 0, channels, channel);
  const against = -scale / <f32>(n * spatial);
  const slope = against * inverse * at(dWeight, 0, channels, channel);
  const shift = against * at(dBias, 0, channels, channel);
  for (let run = 0; run < n; run++, offset += stride) runCombine(dx + offset, dy + offset, x + offset, spatial, mean, rest, scale, slope, shift);
}
