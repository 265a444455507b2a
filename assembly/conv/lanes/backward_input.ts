import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { packPanels, panelChannels, panelCount } from '../panel';
import { firstInPhase, places, reach, tapsOfPhase } from '../phases';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import { OUT_PLACES } from '../tuning';
import { correlateRow } from './correlate';
import { deinterleave, interleaveRow, LANES, rowsOfBand } from './interleave';

/** Floats of the panels of a group with so many taps. */
// @ts-ignore: decorator
@inline
function panelsOfGroup(channels: i32, taps: i32): i32 {
  return channels + taps * (channels + panelCount(channels));
}

/** Floats of scratch that `f32_conv2d_lanes_backward_input` needs. */
export function f32_conv2d_lanes_backward_input_scratch(shape: ConvShape): i32 {
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX;
  const taps = shape.groupOutputs * kernelHeight * kernelWidth;
  const columns = places(shape.width, strideX, shape.left) + reach(kernelWidth, strideX, shape.dilationX);
  const rowVectors = shape.outChannels * columns;
  const rows = rowsOfBand(places(shape.height, strideY, shape.top), rowVectors * 16)
    + reach(kernelHeight, strideY, shape.dilationY);
  return 2 * taps + kernelHeight + kernelWidth + shape.groups * panelsOfGroup(shape.groupChannels, taps)
    + shape.channels * strideY * strideX + LANES * (4 * OUT_PLACES * strideY * shape.width + rows * rowVectors);
}

/**
 * The gradient of `f32_conv2d_direct_backward_input` for four images at once, groups [begin, end) of four images: the
 * way for all groups of four images. Summed over u and v from the last to the first, then o, starting from the bias;
 * taps that meet no output are left out.
 *
 * @param scratch `f32_conv2d_lanes_backward_input_scratch(shape)` floats
 * @work (end - begin) * shape.outChannels * shape.outHeight * shape.outWidth * shape.channels / shape.groups *
 * shape.kernelHeight * shape.kernelWidth
 */
export function f32_conv2d_lanes_backward_input(
  dx: usize, dy: usize, weight: usize, bias: OptionalAddress, shape: ConvShape, scratch: usize, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertConvImages(shape, dx, dy);
  assertWords(dx | dy | weight | bias | scratch);
  const height = shape.height, width = shape.width, outChannels = shape.outChannels;
  const outHeight = shape.outHeight, outWidth = shape.outWidth, kernelHeight = shape.kernelHeight;
  const kernelWidth = shape.kernelWidth, strideY = shape.strideY, strideX = shape.strideX, top = shape.top;
  const left = shape.left, dilationY = shape.dilationY, dilationX = shape.dilationX, groups = shape.groups;
  const groupChannels = shape.groupChannels, groupOutputs = shape.groupOutputs;
  if (height <= 0 || width <= 0) return;
  const kernelSize = kernelHeight * kernelWidth;
  const reachY = reach(kernelHeight, strideY, dilationY);
  const reachX = reach(kernelWidth, strideX, dilationX);
  const firstX = left / strideX;
  const pitch = places(width, strideX, left) + reachX;
  const channelBytes = <usize>pitch << 4;
  const rowBytes = <usize>outChannels * channelBytes;
  const firstPlace = top / strideY;
  const lastPlace = firstPlace + places(height, strideY, top);
  const bandRows = rowsOfBand(lastPlace - firstPlace, <i32>rowBytes);
  const plane = <usize>(OUT_PLACES * strideY * width) << 4;

  const out = scratch;
  const band = out + 4 * plane;
  const list = band + <usize>(bandRows + reachY) * rowBytes;
  const tableY = list + (<usize>(groupOutputs * kernelSize) << 3);
  const tableX = tableY + (<usize>kernelHeight << 2);
  const panels = tableX + (<usize>kernelWidth << 2);

  listTapsOfPhases(tableY, kernelHeight, strideY, dilationY);
  listTapsOfPhases(tableX, kernelWidth, strideX, dilationX);
  let panel = panels;
  for (let phaseY = 0; phaseY < strideY; phaseY++) {
    for (let phaseX = 0; phaseX < strideX; phaseX++) {
      let taps = 0;
      let at = list;
      for (let u = kernelHeight - 1; u >= 0; u--) {
        if (u * dilationY % strideY != phaseY) continue;
        for (let v = kernelWidth - 1; v >= 0; v--) {
          if (v * dilationX % strideX != phaseX) continue;
          const from = <usize>(reachY - u * dilationY / strideY) * rowBytes
            + (<usize>(reachX - v * dilationX / strideX) << 4);
          for (let o = 0; o < groupOutputs; o++, at += 8, taps++) {
            store<i32>(at, <i32>(from + <usize>o * channelBytes));
            store<i32>(at, ((o * groupChannels * kernelHeight + u) * kernelWidth + v) << 2, 4);
          }
        }
      }
      for (let group = 0; group < groups; group++) {
        const groupWeight = weight + (<usize>(group * groupOutputs * groupChannels * kernelSize) << 2);
        panel = packPanels(
          panel, list, taps, groupWeight, <usize>kernelSize << 2,
          bias != 0 ? bias + (<usize>(group * groupChannels) << 2) : 0, groupChannels);
      }
    }
  }

  const imageStep = shape.imageBytes;
  const gradientStep = shape.outBytes;
  // The columns beside the outputs stay zeros.
  memory.fill(band, 0, list - band);
  for (let four = begin; four < end; four++) {
    const gradient = dy + <usize>(four * LANES) * gradientStep;
    const result = dx + <usize>(four * LANES) * imageStep;
    for (let i0 = firstPlace; i0 < lastPlace; i0 += bandRows) {
      const bandPlaces = min(bandRows, lastPlace - i0);
      for (let r = 0; r < bandPlaces + reachY; r++) {
        const row = i0 - reachY + r;
        const to = band + <usize>r * rowBytes;
        if (row < 0 || row >= outHeight) {
          memory.fill(to, 0, rowBytes);
          continue;
        }
        for (let o = 0; o < outChannels; o++) {
          interleaveRow(
            to + <usize>o * channelBytes, gradient + (<usize>((o * outHeight + row) * outWidth) << 2), gradientStep,
            LANES, outWidth, reachX - firstX, 1, 1, pitch);
        }
      }
      for (let k = 0; k < bandPlaces; k += OUT_PLACES) {
        const count = min(OUT_PLACES, bandPlaces - k);
        const firstRow = max((i0 + k) * strideY - top, 0);
        const lastRow = min((i0 + k + count) * strideY - top, height);
        for (let group = 0; group < groups; group++) {
          for (let c = 0, index = 0; c < groupChannels; index++) {
            const tile = panelChannels(groupChannels - c);
            let phasePanels = panels;
            let tapRows = tableY;
            for (let phaseY = 0; phaseY < strideY; phaseY++) {
              const rowsOfTaps = tapsOfPhase(kernelHeight, strideY, dilationY, phaseY);
              let tapColumns = tableX;
              for (let phaseX = 0; phaseX < strideX; phaseX++) {
                const columnsOfTaps = tapsOfPhase(kernelWidth, strideX, dilationX, phaseX);
                const taps = groupOutputs * rowsOfTaps * columnsOfTaps;
                panel = phasePanels
                  + (<usize>(group * panelsOfGroup(groupChannels, taps) + c + taps * (c + index)) << 2);
                phasePanels += <usize>(groups * panelsOfGroup(groupChannels, taps)) << 2;
                const x0 = firstInPhase(left, strideX, phaseX);
                const place = (x0 + left) / strideX;
                const columns = (width - x0 + strideX - 1) / strideX;
                for (let i = 0; i < count; i++) {
                  const row = (i0 + k + i) * strideY + phaseY - top;
                  if (row < 0 || row >= height) continue;
                  let first = 0;
                  let last = rowsOfTaps;
                  while (first < last && i0 + k + i + load<i32>(tapRows + (<usize>first << 2)) < 0) first++;
                  while (first < last && i0 + k + i + load<i32>(tapRows + (<usize>last << 2) - 4) >= outHeight) last--;
                  correlateRow(
                    out + (<usize>((row - firstRow) * width + x0) << 4), plane, <usize>strideX << 4,
                    band + <usize>(k + i) * rowBytes + <usize>(group * groupOutputs) * channelBytes
                      + (<usize>(place - firstX) << 4),
                    panel, tile, columns, first, last
                      - first, columnsOfTaps, groupOutputs, tapColumns, place, 1, outWidth);
                }
                tapColumns += <usize>columnsOfTaps << 2;
              }
              tapRows += <usize>rowsOfTaps << 2;
            }
            const to = result + (<usize>(((group * groupChannels + c) * height + firstRow) * width) << 2);
            for (let i = 0; i < tile; i++) {
              deinterleave(
                to + (<usize>(i * height * width) << 2), imageStep, out + <usize>i * plane,
                (lastRow - firstRow) * width);
            }
            c += tile;
          }
        }
      }
    }
  }
}

/** Phase by phase, from the last tap to the first: the place of the output that it joins, seen from the input's. */
function listTapsOfPhases(table: usize, kernel: i32, stride: i32, dilation: i32): void {
  for (let phase = 0; phase < stride; phase++) {
    for (let u = kernel - 1; u >= 0; u--) {
      if (u * dilation % stride != phase) continue;
      store<i32>(table, -(u * dilation / stride));
      table += 4;
    }
  }
}
