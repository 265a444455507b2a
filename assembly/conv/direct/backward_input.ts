import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { copyIntoPadded } from '../padded';
import { packPanels, panelChannels, panelCount, panelSize } from '../panel';
import { firstInPhase, places, reach, tapsOfPhase } from '../phases';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import { EDGE_SIZE, TILE_WIDTH } from '../tuning';
import { correlate } from './correlate';
import { correlateRows, sumsByRows } from './correlate_rows';

// @ts-ignore: decorator
@inline
function gradientPitch(shape: ConvShape): i32 {
  // One more than the widest phase needs, as a phase may begin at the second place.
  return (places(shape.width, shape.strideX, shape.left) + TILE_WIDTH - 1) / TILE_WIDTH * TILE_WIDTH
    + reach(shape.kernelWidth, shape.strideX, shape.dilationX) + 1;
}

/** Rows of the padded gradient. */
// @ts-ignore: decorator
@inline
function gradientRows(shape: ConvShape): i32 {
  return places(shape.height, shape.strideY, shape.top) + reach(shape.kernelHeight, shape.strideY, shape.dilationY);
}

/** Floats of scratch that `f32_conv2d_direct_backward_input` needs. */
export function f32_conv2d_direct_backward_input_scratch(shape: ConvShape): i32 {
  const taps = shape.groupOutputs * shape.kernelHeight * shape.kernelWidth;
  return EDGE_SIZE + 2 * taps + shape.groups * panelCount(shape.groupChannels) * taps
    + shape.channels * (taps + shape.strideY * shape.strideX)
    + shape.outChannels * gradientRows(shape) * gradientPitch(shape);
}

/**
 * Gradient of a convolution with respect to its input, images [begin, end); also the forward pass of the transposed
 * convolution, whose bias joins here.
 *
 *     dx[n,c,h,w] = bias[c] + Σ_{o,u,v} weight[o,c,u,v] · dy[n,o,i,j]
 *
 * over h = i·strideY + u·dilationY − top, w likewise.
 *
 * bias [channels] or address 0. dx is overwritten and overlaps nothing.
 * Summed over u and v from the last to the first, then o, starting from the bias; where `sumsByRows`, over v, o, u.
 *
 * @param scratch `f32_conv2d_direct_backward_input_scratch(shape)` floats
 * @work (end - begin) * shape.outChannels * shape.outHeight * shape.outWidth * shape.channels / shape.groups *
 * shape.kernelHeight * shape.kernelWidth / 4
 */
export function f32_conv2d_direct_backward_input(
  dx: usize, dy: usize, weight: usize, bias: OptionalAddress, shape: ConvShape, scratch: usize, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertConvImages(shape, dx, dy);
  assertWords(dx | dy | weight | bias | scratch);
  const channels = shape.channels, height = shape.height, width = shape.width;
  const outChannels = shape.outChannels, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX, top = shape.top, left = shape.left, dilationY = shape.dilationY;
  const dilationX = shape.dilationX, groups = shape.groups, groupChannels = shape.groupChannels;
  const groupOutputs = shape.groupOutputs;
  if (height <= 0 || width <= 0) return;
  const kernelSize = kernelHeight * kernelWidth;
  const reachY = reach(kernelHeight, strideY, dilationY);
  const reachX = reach(kernelWidth, strideX, dilationX);
  const firstY = top / strideY;
  const firstX = left / strideX;
  const rows = gradientRows(shape);
  const pitch = gradientPitch(shape);
  const paddedSize = outChannels * rows * pitch;
  const byRows = strideX == 1 && sumsByRows(shape, groupChannels);

  const edge = scratch;
  const list = edge + (<usize>EDGE_SIZE << 2);
  const padded = list + (<usize>(groupOutputs * kernelSize) << 3);
  const panels = padded + (<usize>paddedSize << 2);

  let panel = panels;
  for (let phaseY = 0; phaseY < strideY; phaseY++) {
    for (let phaseX = 0; phaseX < strideX; phaseX++) {
      const taps = listTapsOfPhase(list, shape, rows, pitch, phaseY, phaseX, byRows);
      for (let group = 0; group < groups; group++) {
        const groupWeight = weight + (<usize>(group * groupOutputs * groupChannels * kernelSize) << 2);
        panel = packPanels(
          panel, list, taps, groupWeight, <usize>kernelSize << 2,
          bias != 0 ? bias + (<usize>(group * groupChannels) << 2) : 0, groupChannels);
      }
    }
  }

  memory.fill(padded, 0, <usize>paddedSize << 2);
  const plane = <usize>(height * width) << 2;
  for (let image = begin; image < end; image++) {
    copyIntoPadded(
      padded, dy + (<usize>(image * outChannels * outHeight * outWidth) << 2), outChannels, outHeight, outWidth, rows,
      pitch, 1, 1, 1, 1, reachY - firstY, reachX - firstX);
    const out = dx + <usize>(image * channels) * plane;
    panel = panels;
    // Inputs that meet no tap, as with a kernel smaller than the stride, have nothing but the bias.
    const zeros = bias == 0 && (kernelHeight < strideY || kernelWidth < strideX);
    if (zeros) memory.fill(out, 0, <usize>channels * plane);
    for (let phaseY = 0; phaseY < strideY; phaseY++) {
      const y0 = firstInPhase(top, strideY, phaseY);
      for (let phaseX = 0; phaseX < strideX; phaseX++) {
        const x0 = firstInPhase(left, strideX, phaseX);
        const taps = groupOutputs * tapsOfPhase(kernelHeight, strideY, dilationY, phaseY) * tapsOfPhase(
          kernelWidth, strideX, dilationX, phaseX);
        if (zeros && taps == 0) {
          // Panels of starts alone.
          panel += <usize>channels << 2;
          continue;
        }
        const phaseRows = (height - y0 + strideY - 1) / strideY;
        const phaseColumns = (width - x0 + strideX - 1) / strideX;
        // Where the first output of the phase looks: its place, counted from the first place of all.
        const corner = ((y0 + top) / strideY - firstY) * pitch + (x0 + left) / strideX - firstX;
        for (let group = 0; group < groups; group++) {
          const from = padded + (<usize>(group * groupOutputs * rows * pitch + corner) << 2);
          for (let c = 0; c < groupChannels;) {
            const count = panelChannels(groupChannels - c);
            const to = out + <usize>(group * groupChannels + c) * plane + (<usize>(y0 * width + x0) << 2);
            if (byRows) {
              correlateRows(to, <usize>width << 2, from, <usize>pitch << 2, panel, taps, phaseRows, phaseColumns, edge);
            }
            else {
              correlate(
                to, plane, <usize>(strideY * width) << 2, <usize>strideX << 2, from, <usize>pitch << 2, panel, taps,
                count, phaseRows, phaseColumns, edge);
            }
            panel += <usize>panelSize(count, taps) << 2;
            c += count;
          }
        }
      }
    }
  }
}

/**
 * For each tap of a phase, u and v from the last to the first, then o, or v, o, u: its offset in the padded gradient,
 * and that of its weight, in bytes. Returns their number.
 */
function listTapsOfPhase(
  list: usize, shape: ConvShape, rows: i32, pitch: i32, phaseY: i32, phaseX: i32, rowsLast: bool,
): i32 {
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX;
  const dilationY = shape.dilationY, dilationX = shape.dilationX, outputs = shape.groupOutputs;
  const channels = shape.groupChannels;
  const reachY = reach(kernelHeight, strideY, dilationY);
  const reachX = reach(kernelWidth, strideX, dilationX);
  let taps = 0;
  for (let u = kernelHeight - 1; u >= 0; u--) {
    if (u * dilationY % strideY != phaseY) continue;
    for (let v = kernelWidth - 1; v >= 0; v--) {
      if (v * dilationX % strideX != phaseX) continue;
      const from = (reachY - u * dilationY / strideY) * pitch + reachX - v * dilationX / strideX;
      for (let o = 0; o < outputs; o++, taps++) {
        const to = list + (
          <usize>(rowsLast ? ((kernelWidth - 1 - v) * outputs + o) * kernelHeight + kernelHeight - 1 - u : taps) << 3);
        store<i32>(to, (o * rows * pitch + from) << 2);
        store<i32>(to, ((o * channels * kernelHeight + u) * kernelWidth + v) << 2, 4);
      }
    }
  }
  return taps;
}
