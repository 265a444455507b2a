/**
 * Batch norm of x [n, channels, spatial] for the channels [begin, end): image after image and channel after channel, so
 * that memory is read in order; a channel of an image is a row of `spatial` adjacent elements.
 *
 * The statistics take one pass: each chunk of images gives Σ d and Σ d², d the deviation from the mean of the images
 * before it (the first chunk, which is read twice: from its own). Σ d² − (Σ d)²/m is then a difference of like numbers
 * only where the chunk's mean lies far off, and as a chunk has at most three times as many images as all before it,
 * there the same distance enters the variance with a weight of m/4 or more: the error stays within some roundings of
 * the variance, whatever the numbers.
 *
 * statistics [24, channels]: 0 mean, 1 rest of the mean, 2 inverse = 1/√(variance + eps); and as workspace
 *                            3 scale = inverse·weight, 4 shift = bias − rest·scale, 5 slope and 6 shift of the
 *                            gradient.
 * From row 8 on, each channel has a cache line of its own, as threads write side by side: two doubles Σ d and Σ d² of a
 * chunk, or Σ dy and Σ dy·d; two doubles mean and Σ (x − mean)² of the images so far; the rest is not used.
 */
import { combines, maps, moments, products, rowSum, storeStatistics, withRest } from './sums';
import { FIRST_CHUNK } from './tuning';

// @ts-ignore: decorator
@inline
function entry(array: usize, row: i32, channels: i32, channel: i32): usize {
  return array + (<usize>(row * channels + channel) << 2);
}

// @ts-ignore: decorator
@inline
function sumsOf(statistics: usize, channels: i32, channel: i32): usize {
  return entry(statistics, 8, channels, 16 * channel);
}

// @ts-ignore: decorator
@inline
function soFar(statistics: usize, channels: i32, channel: i32): usize {
  return entry(statistics, 8, channels, 16 * channel + 4);
}

/** Mean and deviation of the channels, and where runningMean is not 0 the running ones moved towards them. */
export function channelStatistics(
  statistics: usize, runningMean: usize, runningVariance: usize, x: usize, n: i32, channels: i32, spatial: i32,
  eps: f64, momentum: f64, begin: i32, end: i32,
): void {
  const image = <usize>(channels * spatial) << 2;
  const rowBytes = <usize>spatial << 2;
  let chunk = min(max(1, FIRST_CHUNK / spatial), n);
  for (let channel = begin; channel < end; channel++) {
    const first = x + <usize>channel * rowBytes;
    const pivot = load<f32>(first);
    let sum: f64 = 0;
    for (let i = 0; i < chunk; i++) sum += rowSum(first + <usize>i * image, spatial, pivot);
    store<f64>(soFar(statistics, channels, channel), <f64>pivot + sum / <f64>(chunk * spatial));
    store<f64>(soFar(statistics, channels, channel), 0, 8);
  }
  for (let before = 0; before < n; before += chunk) {
    if (before > 0) chunk = min(3 * before, n - before);
    for (let channel = begin; channel < end; channel++) {
      store<f32>(entry(statistics, 0, channels, channel), <f32>load<f64>(soFar(statistics, channels, channel)));
      v128.store(sumsOf(statistics, channels, channel), f64x2.splat(0));
    }
    for (let i = before; i < before + chunk; i++) {
      let at = x + <usize>i * image + <usize>begin * rowBytes;
      for (let channel = begin; channel < end; channel++, at += rowBytes) {
        const to = sumsOf(statistics, channels, channel);
        v128.store(
          to,
          f64x2.add(v128.load(to), moments(at, spatial, v128.load32_splat(entry(statistics, 0, channels, channel)))));
      }
    }
    for (let channel = begin; channel < end; channel++) {
      join(statistics, channels, channel, <f64>(before * spatial), <f64>(chunk * spatial));
    }
  }
  const count = <f64>(n * spatial);
  for (let channel = begin; channel < end; channel++) {
    const mean = load<f64>(soFar(statistics, channels, channel));
    const squares = load<f64>(soFar(statistics, channels, channel), 8);
    storeStatistics(statistics, channels, channel, mean, squares / count, eps);
    if (runningMean != 0) {
      move(runningMean, channel, mean, momentum);
      move(runningVariance, channel, squares / (count - 1), momentum);
    }
  }
}

/** Joins a chunk of `size` elements with those `before` it (Chan, Golub and LeVeque). */
// @ts-ignore: decorator
@inline
function join(statistics: usize, channels: i32, channel: i32, before: f64, size: f64): void {
  const at = soFar(statistics, channels, channel);
  const mean = load<f64>(at);
  const sum = load<f64>(sumsOf(statistics, channels, channel));
  const own = sum / size;
  const squares = max<f64>(load<f64>(sumsOf(statistics, channels, channel), 8) - sum * own, 0);
  const apart = (<f64>load<f32>(entry(statistics, 0, channels, channel)) - mean) + own;
  const share = size / (before + size);
  store<f64>(at, mean + apart * share);
  store<f64>(at, load<f64>(at, 8) + squares + apart * apart * before * share, 8);
}

// @ts-ignore: decorator
@inline
function move(running: usize, channel: i32, value: f64, momentum: f64): void {
  const at = running + (<usize>channel << 2);
  store<f32>(at, <f32>((1 - momentum) * <f64>load<f32>(at) + momentum * value));
}

/** y = ((x − mean) − rest)·inverse·weight + bias for the channels; with `relu`, the ReLU of that. */
export function channelMap(
  y: usize, x: usize, statistics: usize, weight: usize, bias: usize, n: i32, channels: i32, spatial: i32, relu: bool,
  begin: i32, end: i32,
): void {
  for (let channel = begin; channel < end; channel++) {
    let scale = load<f32>(entry(statistics, 2, channels, channel));
    if (weight != 0) scale *= load<f32>(entry(weight, 0, channels, channel));
    const shift: f32 = bias == 0 ? 0 : load<f32>(entry(bias, 0, channels, channel));
    store<f32>(entry(statistics, 3, channels, channel), scale);
    store<f32>(
      entry(statistics, 4, channels, channel), shift - load<f32>(entry(statistics, 1, channels, channel)) * scale);
  }
  if (relu) mapRelu(y, x, statistics, n, channels, spatial, begin, end);
  else mapPlain(y, x, statistics, n, channels, spatial, begin, end);
}

/*
 * Functions of their own: where two arms of an `if` differ in a literal only, the compiler makes one of them, and asks
 * for it in every turn of the loop.
 */

function mapRelu(
  y: usize, x: usize, statistics: usize, n: i32, channels: i32, spatial: i32, begin: i32, end: i32,
): void {
  mapImages(y, x, statistics, n, channels, spatial, true, begin, end);
}

function mapPlain(
  y: usize, x: usize, statistics: usize, n: i32, channels: i32, spatial: i32, begin: i32, end: i32,
): void {
  mapImages(y, x, statistics, n, channels, spatial, false, begin, end);
}

// @ts-ignore: decorator
@inline
function mapImages(
  y: usize, x: usize, statistics: usize, n: i32, channels: i32, spatial: i32, relu: bool, begin: i32, end: i32,
): void {
  for (let i = 0; i < n; i++) {
    let offset = <usize>((i * channels + begin) * spatial) << 2;
    for (let channel = begin; channel < end; channel++, offset += <usize>spatial << 2) {
      const mean = v128.load32_splat(entry(statistics, 0, channels, channel));
      maps(
        y + offset, x + offset, spatial, mean, v128.load32_splat(entry(statistics, 3, channels, channel)),
        v128.load32_splat(entry(statistics, 4, channels, channel)), relu);
    }
  }
}

/**
 * dBias = Σ dy, dWeight = Σ dy·((x − mean) − rest)·inverse for the channels; dy is 0 where y ≤ 0, unless the address of
 * y is 0.
 */
export function channelProducts(
  dWeight: usize, dBias: usize, dy: usize, x: usize, y: usize, statistics: usize, n: i32, channels: i32, spatial: i32,
  begin: i32, end: i32,
): void {
  for (let channel = begin; channel < end; channel++) v128.store(sumsOf(statistics, channels, channel), f64x2.splat(0));
  if (y == 0) sumImages(dy, x, 0, statistics, n, channels, spatial, false, begin, end);
  else sumImages(dy, x, y, statistics, n, channels, spatial, true, begin, end);
  for (let channel = begin; channel < end; channel++) {
    const sums = withRest(
      v128.load(sumsOf(statistics, channels, channel)), load<f32>(entry(statistics, 1, channels, channel)));
    store<f32>(entry(dBias, 0, channels, channel), <f32>f64x2.extract_lane(sums, 0));
    store<f32>(
      entry(dWeight, 0, channels, channel),
      <f32>(f64x2.extract_lane(sums, 1) * <f64>load<f32>(entry(statistics, 2, channels, channel))));
  }
}

// @ts-ignore: decorator
@inline
function sumImages(
  dy: usize, x: usize, y: usize, statistics: usize, n: i32, channels: i32, spatial: i32, relu: bool, begin: i32,
  end: i32,
): void {
  for (let i = 0; i < n; i++) {
    let offset = <usize>((i * channels + begin) * spatial) << 2;
    for (let channel = begin; channel < end; channel++, offset += <usize>spatial << 2) {
      const to = sumsOf(statistics, channels, channel);
      const mean = v128.load32_splat(entry(statistics, 0, channels, channel));
      v128.store(to, f64x2.add(v128.load(to), products(dy + offset, x + offset, y + offset, spatial, mean, relu)));
    }
  }
}

/**
 * dx = weight·inverse·(dy − (dBias + ((x − mean) − rest)·inverse·dWeight) / (n·spatial)) for the channels, dy likewise.
 */
export function channelCombine(
  dx: usize, dy: usize, x: usize, y: usize, dWeight: usize, dBias: usize, statistics: usize, weight: usize, n: i32,
  channels: i32, spatial: i32, begin: i32, end: i32,
): void {
  for (let channel = begin; channel < end; channel++) {
    const inverse = load<f32>(entry(statistics, 2, channels, channel));
    const scale = weight == 0 ? inverse : inverse * load<f32>(entry(weight, 0, channels, channel));
    const against = -scale / <f32>(n * spatial);
    const slope = against * inverse * load<f32>(entry(dWeight, 0, channels, channel));
    store<f32>(entry(statistics, 3, channels, channel), scale);
    store<f32>(entry(statistics, 5, channels, channel), slope);
    store<f32>(
      entry(statistics, 6, channels, channel),
      against * load<f32>(entry(dBias, 0, channels, channel))
        - load<f32>(entry(statistics, 1, channels, channel)) * slope);
  }
  if (y == 0) combinePlain(dx, dy, x, statistics, n, channels, spatial, begin, end);
  else combineRelu(dx, dy, x, y, statistics, n, channels, spatial, begin, end);
}

function combineRelu(
  dx: usize, dy: usize, x: usize, y: usize, statistics: usize, n: i32, channels: i32, spatial: i32, begin: i32,
  end: i32,
): void {
  combineImages(dx, dy, x, y, statistics, n, channels, spatial, true, begin, end);
}

function combinePlain(
  dx: usize, dy: usize, x: usize, statistics: usize, n: i32, channels: i32, spatial: i32, begin: i32, end: i32,
): void {
  combineImages(dx, dy, x, 0, statistics, n, channels, spatial, false, begin, end);
}

// @ts-ignore: decorator
@inline
function combineImages(
  dx: usize, dy: usize, x: usize, y: usize, statistics: usize, n: i32, channels: i32, spatial: i32, relu: bool,
  begin: i32, end: i32,
): void {
  for (let i = 0; i < n; i++) {
    let offset = <usize>((i * channels + begin) * spatial) << 2;
    for (let channel = begin; channel < end; channel++, offset += <usize>spatial << 2) {
      const at = entry(statistics, 0, channels, channel);
      const row = <usize>channels << 2;
      combines(dx + offset, dy + offset, x + offset, y + offset, spatial, v128.load32_splat(at),
        v128.load32_splat(at + 3 * row), v128.load32_splat(at + 5 * row), v128.load32_splat(at + 6 * row), relu);
    }
  }
}
