import { f32x4_hsum, f32x4_madd } from '../simd/vector';
import { copyIntoPadded } from './padded';
import { panelChannels } from './correlate';
import { inputPitch, inputRows, listTaps } from './input';

/** Floats of scratch that `f32_conv2d_backward_weight` needs. */
export function f32_conv2d_backward_weight_scratch(
  channels: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, groups: i32,
): i32 {
  return 2 * (channels / groups * kernelHeight * kernelWidth) + 16 * outHeight * ((outWidth + 3) >> 2)
    + channels * inputRows(outHeight, kernelHeight, strideY, dilationY) * strideX * inputPitch(outWidth, kernelWidth, strideX, dilationX);
}

/**
 * Gradient of a convolution with respect to its weight, as sums over chunks of images, chunks [begin, end).
 *
 *     partial[chunk,o,c,u,v] = Σ_{n in chunk} Σ_{i,j} dy[n,o,i,j] · x[n, g·C/G + c, i·strideY + u·dilationY − top, j·strideX + v·dilationX − left]
 *
 * Sizes and layouts as for `f32_conv2d_forward`; chunk k holds the images [k·chunkSize, (k+1)·chunkSize). The gradient is
 * the sum of the chunks in their order, so that it depends on their size but not on who sums which. Within a chunk the
 * sum over one image is taken in four lanes, which are added at its end and join the total image after image.
 *
 * Up to four rows of the weight and two taps are summed at once. The four channels' dy is read from a panel, four
 * columns (a vector) of each channel in turn, the last vector of a row filled up with zeros:
 *
 *     row 0, columns 0–3: o0 o0 o0 o0 │ o1 o1 o1 o1 │ o2 o2 o2 o2 │ o3 o3 o3 o3    columns 4–7: o0 …
 *
 * @param partial [chunks, outChannels, channels/groups, kernelHeight, kernelWidth]; overwritten
 * @param scratch `f32_conv2d_backward_weight_scratch(…)` floats
 * @work (end - begin) * chunkSize * outChannels * outHeight * outWidth * channels / groups * kernelHeight * kernelWidth / 4
 */
export function f32_conv2d_backward_weight(
  partial: usize, dy: usize, x: usize, scratch: usize, images: i32, chunkSize: i32,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, top: i32, left: i32, dilationY: i32, dilationX: i32, groups: i32, begin: i32, end: i32,
): void {
  const groupChannels = channels / groups;
  const groupOutputs = outChannels / groups;
  const taps = groupChannels * kernelHeight * kernelWidth;
  const weightRow = <usize>taps << 2;
  const partialSize = <usize>outChannels * weightRow;
  memory.fill(partial + <usize>begin * partialSize, 0, <usize>(end - begin) * partialSize);
  if (outHeight <= 0 || outWidth <= 0) return;

  const rows = inputRows(outHeight, kernelHeight, strideY, dilationY);
  const pitch = inputPitch(outWidth, kernelWidth, strideX, dilationX);
  const rowSize = strideX * pitch;
  const paddedSize = channels * rows * rowSize;
  const vectors = (outWidth + 3) >> 2;
  const list = scratch;
  const padded = list + (<usize>taps << 3);
  const panel = padded + (<usize>paddedSize << 2);
  listTaps(list, groupChannels, rows, rowSize, pitch, kernelHeight, kernelWidth, strideX, dilationY, dilationX);
  memory.fill(padded, 0, <usize>paddedSize << 2);

  const imageRow = <usize>(strideY * rowSize) << 2;
  const plane = <usize>(outHeight * outWidth) << 2;
  for (let image = begin * chunkSize, lastImage = min(end * chunkSize, images); image < lastImage; image++) {
    copyIntoPadded(padded, x + (<usize>(image * channels * height * width) << 2), channels, height, width, rows, pitch, strideX, top, left);
    let to = partial + <usize>(image / chunkSize) * partialSize;
    for (let o = 0; o < outChannels;) {
      const group = o / groupOutputs;
      const count = panelChannels((group + 1) * groupOutputs - o);
      packGradient(panel, dy + <usize>(image * outChannels + o) * plane, plane, count, outHeight, outWidth);
      const from = padded + (<usize>(group * groupChannels * rows * rowSize) << 2);
      let tap = 0;
      for (; tap + 2 <= taps; tap += 2) {
        const at = list + (<usize>tap << 3);
        twoTaps(to + (<usize>tap << 2), weightRow, panel, from + load<u32>(at), from + load<u32>(at, 8), imageRow, outHeight, vectors, count);
      }
      if (tap < taps) oneTap(to + (<usize>tap << 2), weightRow, panel, from + load<u32>(list + (<usize>tap << 3)), imageRow, outHeight, vectors, count);
      to += <usize>count * weightRow;
      o += count;
    }
  }
}

/** Writes the panel of dy for `count` channels. */
function packGradient(panel: usize, dy: usize, plane: usize, count: i32, height: i32, width: i32): void {
  const step = <usize>count << 4;
  const tail = width & 3;
  for (let channel = 0; channel < count; channel++, dy += plane, panel += 16) {
    let from = dy;
    let to = panel;
    for (let row = 0; row < height; row++) {
      for (const last = from + (<usize>(width - tail) << 2); from < last; from += 16, to += step) v128.store(to, v128.load(from));
      if (tail > 0) {
        store<f32>(to, load<f32>(from), 0);
        store<f32>(to, tail > 1 ? load<f32>(from, 4) : 0, 4);
        store<f32>(to, tail > 2 ? load<f32>(from, 8) : 0, 8);
        store<f32>(to, 0, 12);
        from += <usize>tail << 2;
        to += step;
      }
    }
  }
}

function twoTaps(to: usize, weightRow: usize, panel: usize, x0: usize, x1: usize, imageRow: usize, rows: i32, vectors: i32, count: i32): void {
  if (count == 4) sum4x2(to, weightRow, panel, x0, x1, imageRow, rows, vectors);
  else if (count == 2) sum2x2(to, weightRow, panel, x0, x1, imageRow, rows, vectors);
  else sum1x2(to, weightRow, panel, x0, x1, imageRow, rows, vectors);
}

function oneTap(to: usize, weightRow: usize, panel: usize, x: usize, imageRow: usize, rows: i32, vectors: i32, count: i32): void {
  if (count == 4) sum4x1(to, weightRow, panel, x, imageRow, rows, vectors);
  else if (count == 2) sum2x1(to, weightRow, panel, x, imageRow, rows, vectors);
  else sum1x1(to, weightRow, panel, x, imageRow, rows, vectors);
}

function sum4x2(to: usize, weightRow: usize, panel: usize, x0: usize, x1: usize, imageRow: usize, rows: i32, vectors: i32): void { sum(to, weightRow, panel, x0, x1, imageRow, rows, vectors, 4, 2); }
function sum2x2(to: usize, weightRow: usize, panel: usize, x0: usize, x1: usize, imageRow: usize, rows: i32, vectors: i32): void { sum(to, weightRow, panel, x0, x1, imageRow, rows, vectors, 2, 2); }
function sum1x2(to: usize, weightRow: usize, panel: usize, x0: usize, x1: usize, imageRow: usize, rows: i32, vectors: i32): void { sum(to, weightRow, panel, x0, x1, imageRow, rows, vectors, 1, 2); }
function sum4x1(to: usize, weightRow: usize, panel: usize, x: usize, imageRow: usize, rows: i32, vectors: i32): void { sum(to, weightRow, panel, x, x, imageRow, rows, vectors, 4, 1); }
function sum2x1(to: usize, weightRow: usize, panel: usize, x: usize, imageRow: usize, rows: i32, vectors: i32): void { sum(to, weightRow, panel, x, x, imageRow, rows, vectors, 2, 1); }
function sum1x1(to: usize, weightRow: usize, panel: usize, x: usize, imageRow: usize, rows: i32, vectors: i32): void { sum(to, weightRow, panel, x, x, imageRow, rows, vectors, 1, 1); }

/** Adds the sums over one image to `channels` rows × `taps` columns of dWeight. Steps in bytes. */
// @ts-ignore: decorator
@inline
function sum(
  to: usize, weightRow: usize, panel: usize, x0: usize, x1: usize, imageRow: usize, rows: i32, vectors: i32, channels: i32, taps: i32,
): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const width = <usize>vectors << 4;
  do {
    let at0 = x0;
    let at1 = x1;
    const end = x0 + width;
    do {
      const v0 = v128.load(at0);
      const v1 = taps > 1 ? v128.load(at1) : v0;
      const d0 = v128.load(panel);
      s00 = f32x4_madd(d0, v0, s00);
      if (taps > 1) s01 = f32x4_madd(d0, v1, s01);
      if (channels > 1) {
        const d1 = v128.load(panel, 16);
        s10 = f32x4_madd(d1, v0, s10);
        if (taps > 1) s11 = f32x4_madd(d1, v1, s11);
      }
      if (channels > 2) {
        const d2 = v128.load(panel, 32);
        s20 = f32x4_madd(d2, v0, s20);
        if (taps > 1) s21 = f32x4_madd(d2, v1, s21);
        const d3 = v128.load(panel, 48);
        s30 = f32x4_madd(d3, v0, s30);
        if (taps > 1) s31 = f32x4_madd(d3, v1, s31);
      }
      panel += channels << 4;
      at0 += 16;
      if (taps > 1) at1 += 16;
    } while (at0 != end);
    x0 += imageRow;
    if (taps > 1) x1 += imageRow;
  } while (--rows != 0);
  addSum(to, s00);
  if (taps > 1) addSum(to + 4, s01);
  if (channels > 1) {
    to += weightRow;
    addSum(to, s10);
    if (taps > 1) addSum(to + 4, s11);
  }
  if (channels > 2) {
    to += weightRow;
    addSum(to, s20);
    if (taps > 1) addSum(to + 4, s21);
    to += weightRow;
    addSum(to, s30);
    if (taps > 1) addSum(to + 4, s31);
  }
}

/** Adds the four lanes to the float at `to`. */
// @ts-ignore: decorator
@inline
function addSum(to: usize, lanes: v128): void {
  store<f32>(to, load<f32>(to) + f32x4_hsum(lanes));
}
