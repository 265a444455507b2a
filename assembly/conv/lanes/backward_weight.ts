import { assertShare, assertSizes, assertWords } from '../../assert';
import { f32x4_madd } from '../../simd/vector';
import { WIDE } from '../../simd/width';
import { panelChannels } from '../panel';
import { assertConvShape, ConvShape } from '../shape';
import { WEIGHT_BAND_BYTES } from '../tuning';
import { lanesPhases, lanesPitch } from './forward';
import { interleaveFlat, interleaveRow, LANES, rowsOfBand } from './interleave';
import { addSum, addSums } from './lane_sums';
import { pairs2x4, pairs4x2, pairs4x4, PAIR_SUMS_SIZE } from './weight_pairs';

/** Rows of outputs of a band, where a row of the input takes so many bytes. */
// @ts-ignore: decorator
@inline
function bandRowsOf(shape: ConvShape, inputRowBytes: usize): i32 {
  return rowsOfBand(shape.outHeight, shape.strideY * <i32>inputRowBytes + 4 * shape.outWidth * 16, WEIGHT_BAND_BYTES);
}

/** Floats of scratch that `f32_conv2d_lanes_backward_weight` needs. */
export function f32_conv2d_lanes_backward_weight_scratch(shape: ConvShape): i32 {
  const rowVectors = shape.channels * lanesPhases(shape) * lanesPitch(shape);
  const rows = bandRowsOf(shape, <usize>rowVectors << 4);
  return shape.taps + PAIR_SUMS_SIZE
    + LANES * (shape.outChannels * rows * shape.outWidth + ((rows - 1) * shape.strideY + shape.spanY) * rowVectors);
}

/**
 * Gradient of a convolution with respect to its weight, as sums over chunks of images, chunks [begin, end).
 *
 *     partial[chunk,o,c,u,v] = Σ_{n in chunk} Σ_{i,j} dy[n,o,i,j] · x[n, g·C/G + c, row, column]
 *
 * with the places of `ConvShape`; chunk k holds the images [4·k·chunkFours, 4·(k+1)·chunkFours). The
 * gradient is the sum of the chunks in their order, so that it depends on their size but not on who sums which. Within
 * a chunk four images are summed at once, one to a lane; the lanes are added after each band of rows, and join the
 * total.
 *
 * Up to four rows of the weight and two taps, or two and four, are summed together. A band of rows of the input is
 * interleaved into [channel][row][phase][pitch] vectors, one of the gradient into panels of up to four channels:
 *
 *     pixel 0: o0 o0 o0 o0 │ o1 o1 o1 o1 │ o2 o2 o2 o2 │ o3 o3 o3 o3    pixel 1: o0 …      (the lanes: images)
 *
 * @param partial [chunks, outChannels, channels/groups, kernelHeight, kernelWidth]; overwritten
 * @param scratch `f32_conv2d_lanes_backward_weight_scratch(shape)` floats
 * @work (end - begin) * chunkFours * shape.outChannels * shape.outHeight * shape.outWidth * shape.channels /
 * shape.groups * shape.kernelHeight * shape.kernelWidth
 */
export function f32_conv2d_lanes_backward_weight(
  partial: usize, dy: usize, x: usize, shape: ConvShape, scratch: usize, chunkFours: i32, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertWords(partial | dy | x | scratch);
  assertSizes(chunkFours);
  const images = shape.images, channels = shape.channels, height = shape.height, width = shape.width;
  const outChannels = shape.outChannels, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX, top = shape.top, left = shape.left, dilationY = shape.dilationY;
  const dilationX = shape.dilationX, groupChannels = shape.groupChannels, groupOutputs = shape.groupOutputs;
  const taps = shape.taps, spanY = shape.spanY;
  const weightRow = <usize>taps << 2;
  const partialSize = <usize>outChannels * weightRow;
  memory.fill(partial + <usize>begin * partialSize, 0, <usize>(end - begin) * partialSize);
  if (outHeight <= 0 || outWidth <= 0) return;

  const pitch = lanesPitch(shape);
  const phases = lanesPhases(shape);
  const rowBytes = <usize>(phases * pitch) << 4;
  const bandRows = bandRowsOf(shape, <usize>channels * rowBytes);
  const channelBytes = <usize>((bandRows - 1) * strideY + spanY) * rowBytes;
  const gradientPlane = <usize>(bandRows * outWidth) << 4;

  const sums = scratch;
  const panels = sums + (<usize>PAIR_SUMS_SIZE << 2);
  const band = panels + <usize>outChannels * gradientPlane;
  const list = band + <usize>channels * channelBytes;
  let at = list;
  for (let c = 0; c < groupChannels; c++) {
    for (let u = 0; u < kernelHeight; u++) {
      for (let v = 0; v < kernelWidth; v++, at += 4) {
        const column = v * dilationX;
        store<i32>(
          at,
          <i32>(<usize>c * channelBytes + <usize>(u * dilationY) * rowBytes)
            + ((column % strideX * pitch + column / strideX) << 4));
      }
    }
  }

  const imageStep = shape.imageBytes;
  const gradientStep = shape.outBytes;
  // The columns of the border, and the lanes without an image, stay zeros.
  memory.fill(band, 0, list - band);
  for (let four = begin * chunkFours; four < min(end * chunkFours, (images + LANES - 1) / LANES); four++) {
    const lanes = min(images - four * LANES, LANES);
    const image = x + <usize>(four * LANES) * imageStep;
    const gradient = dy + <usize>(four * LANES) * gradientStep;
    for (let i0 = 0; i0 < outHeight; i0 += bandRows) {
      const rows = min(bandRows, outHeight - i0);
      const rowsIn = (rows - 1) * strideY + spanY;
      for (let c = 0; c < channels; c++) {
        for (let r = 0; r < rowsIn; r++) {
          if (r % strideY >= spanY) continue;
          const row = i0 * strideY - top + r;
          const to = band + <usize>c * channelBytes + <usize>r * rowBytes;
          if (row < 0 || row >= height) memory.fill(to, 0, rowBytes);
          else {
            interleaveRow(
              to, image + (<usize>((c * height + row) * width) << 2), imageStep, lanes, width, left, strideX, phases,
              pitch);
          }
        }
      }
      let to = partial + <usize>(four / chunkFours) * partialSize;
      for (let o = 0; o < outChannels;) {
        const group = o / groupOutputs;
        const count = panelChannels((group + 1) * groupOutputs - o);
        for (let i = 0; i < count; i++) {
          interleaveFlat(
            panels + (<usize>i << 4), <usize>count << 4,
            gradient + (<usize>(((o + i) * outHeight + i0) * outWidth) << 2), gradientStep, lanes, rows * outWidth);
        }
        const from = band + <usize>(group * groupChannels) * channelBytes;
        const most = count == 4 && !WIDE ? 2 : 4;
        for (let tap = 0; tap < taps;) {
          let together = most;
          while (together > taps - tap) together >>= 1;
          const offsets = list + (<usize>tap << 2);
          const target = to + (<usize>tap << 2);
          if (WIDE && together * count > 4 && count > 1) {
            const imageRow = <usize>strideY * rowBytes;
            if (count == 2) pairs2x4(target, weightRow, panels, from, offsets, imageRow, rows, outWidth, sums);
            else if (together == 4) pairs4x4(target, weightRow, panels, from, offsets, imageRow, rows, outWidth, sums);
            else pairs4x2(target, weightRow, panels, from, offsets, imageRow, rows, outWidth, sums);
          } else if (count == 4) {
            if (together == 2) {
              sum4x2(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
            }
            else sum4x1(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
          } else if (count == 2) {
            if (together == 4) {
              sum2x4(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
            }
            else if (together == 2) {
              sum2x2(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
            }
            else sum2x1(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
          } else {
            if (together == 4) {
              sum1x4(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
            }
            else if (together == 2) {
              sum1x2(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
            }
            else sum1x1(target, weightRow, panels, from, offsets, <usize>strideY * rowBytes, rows, outWidth);
          }
          tap += together;
        }
        to += <usize>count * weightRow;
        o += count;
      }
    }
  }
}

function sum4x2(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum4(to, weightRow, panel, image, offsets, imageRow, rows, columns, 2);
}
function sum4x1(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum4(to, weightRow, panel, image, offsets, imageRow, rows, columns, 1);
}
function sum2x4(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum2(to, weightRow, panel, image, offsets, imageRow, rows, columns, 2, 4);
}
function sum2x2(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum2(to, weightRow, panel, image, offsets, imageRow, rows, columns, 2, 2);
}
function sum2x1(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum2(to, weightRow, panel, image, offsets, imageRow, rows, columns, 2, 1);
}
function sum1x4(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum2(to, weightRow, panel, image, offsets, imageRow, rows, columns, 1, 4);
}
function sum1x2(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum2(to, weightRow, panel, image, offsets, imageRow, rows, columns, 1, 2);
}
function sum1x1(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
): void {
  sum2(to, weightRow, panel, image, offsets, imageRow, rows, columns, 1, 1);
}

/** Adds the sums over one band to four rows × `taps` columns of dWeight. Steps in bytes. */
// @ts-ignore: decorator
@inline
function sum4(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
  taps: i32,
): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  let x0 = image + load<u32>(offsets);
  let x1 = taps > 1 ? image + load<u32>(offsets, 4) : x0;
  const width = <usize>columns << 4;
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
      const d1 = v128.load(panel, 16);
      s10 = f32x4_madd(d1, v0, s10);
      if (taps > 1) s11 = f32x4_madd(d1, v1, s11);
      const d2 = v128.load(panel, 32);
      s20 = f32x4_madd(d2, v0, s20);
      if (taps > 1) s21 = f32x4_madd(d2, v1, s21);
      const d3 = v128.load(panel, 48);
      s30 = f32x4_madd(d3, v0, s30);
      if (taps > 1) s31 = f32x4_madd(d3, v1, s31);
      panel += 64;
      at0 += 16;
      if (taps > 1) at1 += 16;
    } while (at0 != end);
    x0 += imageRow;
    if (taps > 1) x1 += imageRow;
  } while (--rows != 0);
  addSums(to, weightRow, s00, s10, s20, s30);
  if (taps > 1) addSums(to + 4, weightRow, s01, s11, s21, s31);
}

/** The same for one or two rows. */
// @ts-ignore: decorator
@inline
function sum2(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
  channels: i32, taps: i32,
): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  let x0 = image + load<u32>(offsets);
  let x1 = taps > 1 ? image + load<u32>(offsets, 4) : x0;
  let x2 = taps > 2 ? image + load<u32>(offsets, 8) : x0;
  let x3 = taps > 2 ? image + load<u32>(offsets, 12) : x0;
  const width = <usize>columns << 4;
  do {
    let at: usize = 0;
    do {
      const d0 = v128.load(panel);
      const d1 = channels > 1 ? v128.load(panel, 16) : d0;
      const v0 = v128.load(x0 + at);
      s00 = f32x4_madd(d0, v0, s00);
      if (channels > 1) s10 = f32x4_madd(d1, v0, s10);
      if (taps > 1) {
        const v1 = v128.load(x1 + at);
        s01 = f32x4_madd(d0, v1, s01);
        if (channels > 1) s11 = f32x4_madd(d1, v1, s11);
      }
      if (taps > 2) {
        const v2 = v128.load(x2 + at);
        s02 = f32x4_madd(d0, v2, s02);
        if (channels > 1) s12 = f32x4_madd(d1, v2, s12);
        const v3 = v128.load(x3 + at);
        s03 = f32x4_madd(d0, v3, s03);
        if (channels > 1) s13 = f32x4_madd(d1, v3, s13);
      }
      panel += channels << 4;
      at += 16;
    } while (at != width);
    x0 += imageRow;
    if (taps > 1) x1 += imageRow;
    if (taps > 2) {
      x2 += imageRow;
      x3 += imageRow;
    }
  } while (--rows != 0);
  addSum(to, s00);
  if (taps > 1) addSum(to + 4, s01);
  if (taps > 2) {
    addSum(to + 8, s02);
    addSum(to + 12, s03);
  }
  if (channels > 1) {
    to += weightRow;
    addSum(to, s10);
    if (taps > 1) addSum(to + 4, s11);
    if (taps > 2) {
      addSum(to + 8, s12);
      addSum(to + 12, s13);
    }
  }
}
