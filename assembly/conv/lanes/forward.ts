import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { packPanels, panelChannels, panelCount, panelSize } from '../panel';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import { OUT_ROWS } from '../tuning';
import { correlateRow } from './correlate';
import { deinterleave, interleaveRow, LANES, rowsOfBand } from './interleave';

/** Vectors of one phase of a row of the interleaved input. */
// @ts-ignore: decorator
@inline
export function lanesPitch(shape: ConvShape): i32 {
  const columns = max(shape.width + shape.left, (shape.outWidth - 1) * shape.strideX + shape.spanX);
  return (columns + shape.strideX - 1) / shape.strideX;
}

/** Phases that some tap falls into. */
// @ts-ignore: decorator
@inline
export function lanesPhases(shape: ConvShape): i32 {
  return min(shape.strideX, shape.spanX);
}

/** Floats of scratch that `f32_conv2d_lanes_forward` needs. */
export function f32_conv2d_lanes_forward_scratch(shape: ConvShape): i32 {
  const taps = shape.taps, strideY = shape.strideY, outChannels = shape.outChannels;
  const rowVectors = shape.channels * lanesPhases(shape) * lanesPitch(shape);
  const rows = (rowsOfBand(shape.outHeight, strideY * rowVectors * 16) - 1) * strideY + shape.spanY;
  return 2 * taps + shape.kernelWidth + shape.groups * panelCount(shape.groupOutputs) * taps + outChannels * (taps + 1)
    + LANES * (4 * OUT_ROWS * shape.outWidth + rows * rowVectors);
}

/**
 * The convolution of `f32_conv2d_direct_forward` for four images at once, groups [begin, end) of four images: the way
 * for all groups of four images. Summed in the order u, v, c, starting from the bias; taps that meet the border only
 * are left out. With `relu`, what is below 0 becomes 0.
 *
 * A band of rows of the input is interleaved into [row][channel][phase][pitch] vectors of four images; four rows of
 * outputs of up to four channels are computed at a time, and taken apart.
 *
 * @param scratch `f32_conv2d_lanes_forward_scratch(shape)` floats
 * @work (end - begin) * shape.outChannels * shape.outHeight * shape.outWidth * shape.channels / shape.groups *
 * shape.kernelHeight * shape.kernelWidth
 */
export function f32_conv2d_lanes_forward(
  y: usize, x: usize, weight: usize, bias: OptionalAddress, shape: ConvShape, scratch: usize, relu: bool, begin: i32,
  end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertConvImages(shape, x, y);
  assertWords(y | x | weight | bias | scratch);
  const channels = shape.channels, height = shape.height, width = shape.width, outHeight = shape.outHeight;
  const outWidth = shape.outWidth, kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth;
  const strideY = shape.strideY, strideX = shape.strideX, top = shape.top, left = shape.left;
  const dilationY = shape.dilationY, dilationX = shape.dilationX, groups = shape.groups;
  const groupChannels = shape.groupChannels, groupOutputs = shape.groupOutputs, taps = shape.taps;
  const spanY = shape.spanY;
  if (outHeight <= 0 || outWidth <= 0) return;
  const pitch = lanesPitch(shape);
  const phases = lanesPhases(shape);
  const channelBytes = <usize>(phases * pitch) << 4;
  const rowBytes = <usize>channels * channelBytes;
  const bandRows = rowsOfBand(outHeight, strideY * <i32>rowBytes);
  const plane = <usize>(OUT_ROWS * outWidth) << 4;

  const out = scratch;
  const band = out + 4 * plane;
  const list = band + <usize>((bandRows - 1) * strideY + spanY) * rowBytes;
  const table = list + (<usize>taps << 3);
  const panels = table + (<usize>kernelWidth << 2);

  let at = list;
  for (let u = 0; u < kernelHeight; u++) {
    for (let v = 0; v < kernelWidth; v++) {
      const column = v * dilationX;
      for (let c = 0; c < groupChannels; c++, at += 8) {
        store<i32>(
          at,
          <i32>(<usize>(u * dilationY) * rowBytes + <usize>c * channelBytes)
            + ((column % strideX * pitch + column / strideX) << 4));
        store<i32>(at, ((c * kernelHeight + u) * kernelWidth + v) << 2, 4);
      }
    }
  }
  for (let v = 0; v < kernelWidth; v++) store<i32>(table + (<usize>v << 2), v * dilationX);
  let panel = panels;
  for (let group = 0; group < groups; group++) {
    const output = group * groupOutputs;
    panel = packPanels(
      panel, list, taps, weight + (<usize>(output * taps) << 2), <usize>taps << 2,
      bias != 0 ? bias + (<usize>output << 2) : 0, groupOutputs);
  }

  const imageStep = shape.imageBytes;
  const outStep = shape.outBytes;
  // The columns of the border stay zeros.
  memory.fill(band, 0, list - band);
  for (let four = begin; four < end; four++) {
    const image = x + <usize>(four * LANES) * imageStep;
    const result = y + <usize>(four * LANES) * outStep;
    for (let i0 = 0; i0 < outHeight; i0 += bandRows) {
      const rowsOut = min(bandRows, outHeight - i0);
      const rowsIn = (rowsOut - 1) * strideY + spanY;
      for (let r = 0; r < rowsIn; r++) {
        if (r % strideY >= spanY) continue;
        const row = i0 * strideY - top + r;
        const to = band + <usize>r * rowBytes;
        if (row < 0 || row >= height) {
          memory.fill(to, 0, rowBytes);
          continue;
        }
        for (let c = 0; c < channels; c++) {
          interleaveRow(
            to + <usize>c * channelBytes, image + (<usize>((c * height + row) * width) << 2), imageStep, LANES, width,
            left, strideX, phases, pitch);
        }
      }
      for (let k = 0; k < rowsOut; k += OUT_ROWS) {
        const rows = min(OUT_ROWS, rowsOut - k);
        panel = panels;
        for (let group = 0; group < groups; group++) {
          for (let o = 0; o < groupOutputs;) {
            const count = panelChannels(groupOutputs - o);
            for (let r = 0; r < rows; r++) {
              const row = (i0 + k + r) * strideY - top;
              let first = 0;
              let last = kernelHeight;
              while (first < last && row + first * dilationY < 0) first++;
              while (first < last && row + (last - 1) * dilationY >= height) last--;
              const from = band + <usize>((k + r) * strideY) * rowBytes + <usize>(group * groupChannels) * channelBytes;
              correlateRow(
                out + (<usize>(r * outWidth) << 4), plane, 16, from, panel, count, outWidth, first, last - first,
                kernelWidth, groupChannels, table, -left, strideX, width);
            }
            const to = result + (<usize>(((group * groupOutputs + o) * outHeight + i0 + k) * outWidth) << 2);
            if (relu) for (let i = 0; i < count; i++) floorAtZero(out + <usize>i * plane, rows * outWidth);
            for (let i = 0; i < count; i++) {
              deinterleave(
                to + (<usize>(i * outHeight * outWidth) << 2), outStep, out + <usize>i * plane, rows * outWidth);
            }
            panel += <usize>panelSize(count, taps) << 2;
            o += count;
          }
        }
      }
    }
  }
}

/** What is below 0 becomes 0, as by `f32_relu_forward`, in `count` vectors. */
function floorAtZero(at: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (const end = at + (<usize>count << 4); at < end; at += 16) v128.store(at, f32x4.pmax(v128.load(at), zero));
}
