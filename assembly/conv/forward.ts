import { blanksAddNothing, markRows, MASK_WIDTH } from './blank';
import { copyIntoPadded, copySamples } from './padded';
import { correlate, EDGE_SIZE, packPanel, panelChannels, panelCount, panelSize, TILE_WIDTH } from './correlate';
import { correlateRows, sumsByRows } from './correlate_rows';
import { inputPitch, inputRows, listTaps } from './input';

/** Floats of scratch that `f32_conv2d_forward` needs. */
export function f32_conv2d_forward_scratch(
  channels: i32, outChannels: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, groups: i32,
): i32 {
  const taps = channels / groups * kernelHeight * kernelWidth;
  const rows = inputRows(outHeight, kernelHeight, strideY, dilationY);
  return EDGE_SIZE + 2 * taps + outHeight + rows + groups * panelCount(outChannels / groups) * taps + outChannels * (taps + 1)
    + channels * rows * strideX * inputPitch(outWidth, kernelWidth, strideX, dilationX);
}

/**
 * Convolution (cross-correlation, as everywhere in deep learning), images [begin, end).
 *
 *     y[n,o,i,j] = bias[o] + Σ_{c,u,v} weight[o,c,u,v] · x[n, g·C/G + c, i·strideY + u·dilationY − top, j·strideX + v·dilationX − left]
 *
 * with zeros outside x; g is the group of o. x [N, channels, height, width], weight [outChannels, channels/groups,
 * kernelHeight, kernelWidth], y [N, outChannels, outHeight, outWidth]; bias [outChannels] or address 0. y is overwritten
 * and overlaps nothing. Summed in the order u, v, c, or v, c, u where `sumsByRows`, starting from the bias; of one
 * channel, taps of tiles that meet zeros only are left out. With `relu`, what is below 0 becomes 0.
 *
 * @param scratch `f32_conv2d_forward_scratch(…)` floats
 * @work (end - begin) * outChannels * outHeight * outWidth * channels / groups * kernelHeight * kernelWidth / 4
 */
export function f32_conv2d_forward(
  y: usize, x: usize, weight: usize, bias: usize, scratch: usize,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, top: i32, left: i32, dilationY: i32, dilationX: i32, groups: i32, relu: bool, begin: i32, end: i32,
): void {
  if (outHeight <= 0 || outWidth <= 0) return;
  const groupChannels = channels / groups;
  const groupOutputs = outChannels / groups;
  const taps = groupChannels * kernelHeight * kernelWidth;
  // With a single tap, neighbours do not matter: all outputs of an image are one row.
  const pointwise = kernelHeight == 1 && kernelWidth == 1;
  const rows = pointwise ? 1 : inputRows(outHeight, kernelHeight, strideY, dilationY);
  const pitch = inputPitch(outWidth, kernelWidth, strideX, dilationX);
  const rowSize = pointwise ? (outHeight * outWidth + TILE_WIDTH - 1) / TILE_WIDTH * TILE_WIDTH : strideX * pitch;
  const columns = pointwise ? outHeight * outWidth : outWidth;
  const spanY = (kernelHeight - 1) * dilationY + 1;
  const spanX = (kernelWidth - 1) * dilationX + 1;
  const paddedSize = channels * rows * rowSize;
  const byRows = sumsByRows(groupOutputs, kernelHeight, strideY, dilationY);

  const edge = scratch;
  const list = edge + (<usize>EDGE_SIZE << 2);
  const masks = list + (<usize>taps << 3);
  const rowMasks = masks + (<usize>outHeight << 2);
  const padded = rowMasks + (<usize>rows << 2);
  const panels = padded + (<usize>paddedSize << 2);

  listTaps(list, groupChannels, rows, rowSize, pitch, kernelHeight, kernelWidth, strideX, dilationY, dilationX, byRows);
  let panel = panels;
  for (let group = 0; group < groups; group++) {
    for (let o = 0; o < groupOutputs;) {
      const count = panelChannels(groupOutputs - o);
      const output = group * groupOutputs + o;
      packPanel(panel, list, taps, weight + (<usize>(output * taps) << 2), <usize>taps << 2, bias != 0 ? bias + (<usize>output << 2) : 0, count);
      panel += <usize>panelSize(count, taps) << 2;
      o += count;
    }
  }

  const mayBeBlank = channels == 1 && strideX == 1 && !pointwise && pitch <= MASK_WIDTH && blanksAddNothing(weight, outChannels * taps, bias, outChannels);
  memory.fill(padded, 0, <usize>paddedSize << 2);
  const plane = <usize>(outHeight * outWidth) << 2;
  for (let image = begin; image < end; image++) {
    const from = x + (<usize>(image * channels * height * width) << 2);
    if (pointwise) copySamples(padded, from, channels, height, width, rowSize, outHeight, outWidth, strideY, strideX, top, left);
    else copyIntoPadded(padded, from, channels, height, width, rows, pitch, strideY, spanY, strideX, spanX, top, left);
    if (mayBeBlank) markRows(masks, rowMasks, padded, rows, pitch, outHeight, strideY, kernelHeight, dilationY);
    let out = y + <usize>(image * outChannels) * plane;
    panel = panels;
    for (let group = 0; group < groups; group++) {
      const corner = padded + (<usize>(group * groupChannels * rows * rowSize) << 2);
      for (let o = 0; o < groupOutputs;) {
        const count = panelChannels(groupOutputs - o);
        const low: f32 = relu ? 0 : -Infinity;
        const marks = mayBeBlank ? masks : 0;
        if (byRows) correlateRows(out, <usize>outWidth << 2, corner, <usize>rowSize << 2, panel, taps, outHeight, columns, edge, low, marks, spanX - 1);
        else {
          correlate(
            out, plane, <usize>outWidth << 2, 4, corner, <usize>(strideY * rowSize) << 2, panel, taps, count, pointwise ? 1 : outHeight, columns, edge,
            low, marks, spanX - 1);
        }
        panel += <usize>panelSize(count, taps) << 2;
        out += <usize>count * plane;
        o += count;
      }
    }
  }
}
