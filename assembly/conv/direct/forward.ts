import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { copyIntoPadded, copySamples } from '../padded';
import { packPanels, panelChannels, panelCount, panelSize } from '../panel';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import { EDGE_SIZE, MASK_WIDTH, TILE_WIDTH } from '../tuning';
import { blanksAddNothing, markRows } from './blank';
import { correlate } from './correlate';
import { correlateRows, sumsByRows } from './correlate_rows';
import { inputPitch, inputRows, listTaps } from './input';

/** Floats of scratch that `f32_conv2d_direct_forward` needs. */
export function f32_conv2d_direct_forward_scratch(shape: ConvShape): i32 {
  const taps = shape.taps, rows = inputRows(shape), outChannels = shape.outChannels;
  return EDGE_SIZE + 2 * taps + shape.outHeight + rows + outChannels * (taps + 1)
    + shape.groups * panelCount(shape.groupOutputs) * taps
    + shape.channels * rows * shape.strideX * inputPitch(shape);
}

/**
 * Convolution (cross-correlation, as everywhere in deep learning), images [begin, end).
 *
 *     y[n,o,i,j] = bias[o] + Σ_{c,u,v} weight[o,c,u,v] · x[n, g·C/G + c, row, column]      (places: see `ConvShape`)
 *
 * with zeros outside x; g is the group of o. bias [outChannels] or address 0. y is overwritten and overlaps nothing.
 * Summed in the order u, v, c, or v, c, u where `sumsByRows`, starting from the bias; of one channel, taps of tiles
 * that meet zeros only are left out. With `relu`, values below 0 become 0.
 *
 * @param scratch `f32_conv2d_direct_forward_scratch(shape)` floats
 * @work (end - begin) * shape.outChannels * shape.outHeight * shape.outWidth * shape.channels / shape.groups *
 * shape.kernelHeight * shape.kernelWidth / 4
 */
export function f32_conv2d_direct_forward(
  y: usize, x: usize, weight: usize, bias: OptionalAddress, shape: ConvShape, scratch: usize, relu: bool, begin: i32,
  end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertConvImages(shape, x, y);
  assertWords(y | x | weight | bias | scratch);
  const channels = shape.channels, height = shape.height, width = shape.width;
  const outChannels = shape.outChannels, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX, groups = shape.groups, groupChannels = shape.groupChannels;
  const groupOutputs = shape.groupOutputs, taps = shape.taps, spanY = shape.spanY, spanX = shape.spanX;
  if (outHeight <= 0 || outWidth <= 0) return;
  // With a single tap, neighbours do not matter: all outputs of an image are one row.
  const pointwise = kernelHeight == 1 && kernelWidth == 1;
  const rows = pointwise ? 1 : inputRows(shape);
  const pitch = inputPitch(shape);
  const rowSize = pointwise ? (outHeight * outWidth + TILE_WIDTH - 1) / TILE_WIDTH * TILE_WIDTH : strideX * pitch;
  const columns = pointwise ? outHeight * outWidth : outWidth;
  const paddedSize = channels * rows * rowSize;
  const byRows = sumsByRows(shape, groupOutputs);

  const edge = scratch;
  const list = edge + (<usize>EDGE_SIZE << 2);
  const masks = list + (<usize>taps << 3);
  const rowMasks = masks + (<usize>outHeight << 2);
  const padded = rowMasks + (<usize>rows << 2);
  const panels = padded + (<usize>paddedSize << 2);

  listTaps(list, shape, rows, rowSize, pitch, byRows);
  let panel = panels;
  for (let group = 0; group < groups; group++) {
    const output = group * groupOutputs;
    panel = packPanels(
      panel, list, taps, weight + (<usize>(output * taps) << 2), <usize>taps << 2,
      bias != 0 ? bias + (<usize>output << 2) : 0, groupOutputs);
  }

  const mayBeBlank = channels == 1 && strideX == 1 && !pointwise && pitch <= MASK_WIDTH
    && blanksAddNothing(weight, outChannels * taps, bias, outChannels);
  memory.fill(padded, 0, <usize>paddedSize << 2);
  const plane = <usize>(outHeight * outWidth) << 2;
  for (let image = begin; image < end; image++) {
    const from = x + (<usize>(image * channels * height * width) << 2);
    if (pointwise) copySamples(padded, from, shape, rowSize);
    else {
      copyIntoPadded(
        padded, from, channels, height, width, rows, pitch, strideY, spanY, strideX, spanX, shape.top, shape.left);
    }
    if (mayBeBlank) markRows(masks, rowMasks, padded, rows, pitch, shape);
    let out = y + <usize>(image * outChannels) * plane;
    panel = panels;
    for (let group = 0; group < groups; group++) {
      const corner = padded + (<usize>(group * groupChannels * rows * rowSize) << 2);
      for (let o = 0; o < groupOutputs;) {
        const count = panelChannels(groupOutputs - o);
        const low: f32 = relu ? 0 : -Infinity;
        const marks = mayBeBlank ? masks : 0;
        if (byRows) {
          correlateRows(
            out, <usize>outWidth << 2, corner, <usize>rowSize << 2, panel, taps, outHeight, columns, edge, low, marks,
            spanX - 1);
        }
        else {
          correlate(
            out, plane, <usize>outWidth << 2, 4, corner, <usize>(strideY * rowSize) << 2, panel, taps, count,
            pointwise ? 1 : outHeight, columns, edge,
            low, marks, spanX - 1);
        }
        panel += <usize>panelSize(count, taps) << 2;
        out += <usize>count * plane;
        o += count;
      }
    }
  }
}
