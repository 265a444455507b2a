import { copyIntoPadded } from './padded';
import { correlate, EDGE_SIZE, packPanel, panelChannels, panelCount, panelSize, TILE_WIDTH } from './correlate';
import { correlateRows, sumsByRows } from './correlate_rows';
import { firstInPhase, places, reach, tapsOfPhase } from './phases';

// @ts-ignore: decorator
@inline
function gradientPitch(width: i32, kernelWidth: i32, strideX: i32, left: i32, dilationX: i32): i32 {
  // One more than the widest phase needs, as a phase may begin at the second place.
  return (places(width, strideX, left) + TILE_WIDTH - 1) / TILE_WIDTH * TILE_WIDTH + reach(kernelWidth, strideX, dilationX) + 1;
}

/** Floats of scratch that `f32_conv2d_backward_input` needs. */
export function f32_conv2d_backward_input_scratch(
  channels: i32, height: i32, width: i32, outChannels: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, top: i32, left: i32, dilationY: i32, dilationX: i32, groups: i32,
): i32 {
  const taps = outChannels / groups * kernelHeight * kernelWidth;
  return EDGE_SIZE + 2 * taps + groups * panelCount(channels / groups) * taps + channels * (taps + strideY * strideX)
    + outChannels * (places(height, strideY, top) + reach(kernelHeight, strideY, dilationY)) * gradientPitch(width, kernelWidth, strideX, left, dilationX);
}

/**
 * Gradient of a convolution with respect to its input, images [begin, end); also the forward pass of the transposed
 * convolution, whose bias joins here.
 *
 *     dx[n,c,h,w] = bias[c] + Σ_{o,u,v} weight[o,c,u,v] · dy[n,o,i,j]   over h = i·strideY + u·dilationY − top, w likewise
 *
 * Sizes and layouts as for `f32_conv2d_forward`; bias [channels] or address 0. dx is overwritten and overlaps nothing.
 * Summed over u and v from the last to the first, then o, starting from the bias; where `sumsByRows`, over v, o, u.
 *
 * @param scratch `f32_conv2d_backward_input_scratch(…)` floats
 * @work (end - begin) * outChannels * outHeight * outWidth * channels / groups * kernelHeight * kernelWidth / 4
 */
export function f32_conv2d_backward_input(
  dx: usize, dy: usize, weight: usize, bias: usize, scratch: usize,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, top: i32, left: i32, dilationY: i32, dilationX: i32, groups: i32, begin: i32, end: i32,
): void {
  if (height <= 0 || width <= 0) return;
  const groupChannels = channels / groups;
  const groupOutputs = outChannels / groups;
  const kernelSize = kernelHeight * kernelWidth;
  const reachY = reach(kernelHeight, strideY, dilationY);
  const reachX = reach(kernelWidth, strideX, dilationX);
  const firstY = top / strideY;
  const firstX = left / strideX;
  const rows = places(height, strideY, top) + reachY;
  const pitch = gradientPitch(width, kernelWidth, strideX, left, dilationX);
  const paddedSize = outChannels * rows * pitch;
  const byRows = strideX == 1 && sumsByRows(groupChannels, kernelHeight, strideY, dilationY);

  const edge = scratch;
  const list = edge + (<usize>EDGE_SIZE << 2);
  const padded = list + (<usize>(groupOutputs * kernelSize) << 3);
  const panels = padded + (<usize>paddedSize << 2);

  let panel = panels;
  for (let phaseY = 0; phaseY < strideY; phaseY++) {
    for (let phaseX = 0; phaseX < strideX; phaseX++) {
      const taps = listTapsOfPhase(list, groupOutputs, groupChannels, rows, pitch, kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX, phaseY, phaseX, byRows);
      for (let group = 0; group < groups; group++) {
        const groupWeight = weight + (<usize>(group * groupOutputs * groupChannels * kernelSize) << 2);
        for (let c = 0; c < groupChannels;) {
          const count = panelChannels(groupChannels - c);
          const start = bias != 0 ? bias + (<usize>(group * groupChannels + c) << 2) : 0;
          packPanel(panel, list, taps, groupWeight + (<usize>(c * kernelSize) << 2), <usize>kernelSize << 2, start, count);
          panel += <usize>panelSize(count, taps) << 2;
          c += count;
        }
      }
    }
  }

  memory.fill(padded, 0, <usize>paddedSize << 2);
  const plane = <usize>(height * width) << 2;
  for (let image = begin; image < end; image++) {
    copyIntoPadded(padded, dy + (<usize>(image * outChannels * outHeight * outWidth) << 2), outChannels, outHeight, outWidth, rows, pitch, 1, 1, 1, 1, reachY - firstY, reachX - firstX);
    const out = dx + <usize>(image * channels) * plane;
    panel = panels;
    // Inputs that meet no tap, as with a kernel smaller than the stride, have nothing but the bias.
    const zeros = bias == 0 && (kernelHeight < strideY || kernelWidth < strideX);
    if (zeros) memory.fill(out, 0, <usize>channels * plane);
    for (let phaseY = 0; phaseY < strideY; phaseY++) {
      const y0 = firstInPhase(top, strideY, phaseY);
      for (let phaseX = 0; phaseX < strideX; phaseX++) {
        const x0 = firstInPhase(left, strideX, phaseX);
        const taps = groupOutputs * tapsOfPhase(kernelHeight, strideY, dilationY, phaseY) * tapsOfPhase(kernelWidth, strideX, dilationX, phaseX);
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
            if (byRows) correlateRows(to, <usize>width << 2, from, <usize>pitch << 2, panel, taps, phaseRows, phaseColumns, edge);
            else correlate(to, plane, <usize>(strideY * width) << 2, <usize>strideX << 2, from, <usize>pitch << 2, panel, taps, count, phaseRows, phaseColumns, edge);
            panel += <usize>panelSize(count, taps) << 2;
            c += count;
          }
        }
      }
    }
  }
}

/**
 * For each tap of a phase, u and v from the last to the first, then o, or v, o, u: its offset in the padded gradient, and
 * that of its weight, in bytes. Returns their number.
 */
function listTapsOfPhase(
  list: usize, outputs: i32, channels: i32, rows: i32, pitch: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, phaseY: i32, phaseX: i32, rowsLast: bool,
): i32 {
  const reachY = reach(kernelHeight, strideY, dilationY);
  const reachX = reach(kernelWidth, strideX, dilationX);
  let taps = 0;
  for (let u = kernelHeight - 1; u >= 0; u--) {
    if (u * dilationY % strideY != phaseY) continue;
    for (let v = kernelWidth - 1; v >= 0; v--) {
      if (v * dilationX % strideX != phaseX) continue;
      const from = (reachY - u * dilationY / strideY) * pitch + reachX - v * dilationX / strideX;
      for (let o = 0; o < outputs; o++, taps++) {
        const to = list + (<usize>(rowsLast ? ((kernelWidth - 1 - v) * outputs + o) * kernelHeight + kernelHeight - 1 - u : taps) << 3);
        store<i32>(to, (o * rows * pitch + from) << 2);
        store<i32>(to, ((o * channels * kernelHeight + u) * kernelWidth + v) << 2, 4);
      }
    }
  }
  return taps;
}
