import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { copyIntoPadded } from '../padded';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import { PANEL_PIXELS, PANEL_ROWS } from '../tuning';
import {
  imageGroups, imagesTogether, listPlaces, multiply, multiplyScratch, packStarts, placesSize, rowPanels, START_BYTES,
} from './pixels';

/** Rows of the padded input. */
// @ts-ignore: decorator
@inline
function paddedRows(shape: ConvShape): i32 {
  return (shape.outHeight - 1) * shape.strideY + shape.spanY;
}

/** Columns of the padded input. */
// @ts-ignore: decorator
@inline
function paddedColumns(shape: ConvShape): i32 {
  return (shape.outWidth - 1) * shape.strideX + shape.spanX;
}

/** Floats of scratch that `f32_conv2d_gemm_forward` needs. */
export function f32_conv2d_gemm_forward_scratch(shape: ConvShape): i32 {
  const taps = shape.taps, pixels = shape.pixels;
  const together = imagesTogether(pixels);
  return multiplyScratch(taps) + rowPanels(shape.outChannels, shape.groups) * PANEL_ROWS * (PANEL_PIXELS + taps) + taps
    + placesSize(together * pixels)
    + together * shape.channels * paddedRows(shape) * paddedColumns(shape);
}

/** Number of pieces that `f32_conv2d_gemm_forward` shares: four output channels of one group of images. */
export function f32_conv2d_gemm_forward_pieces(shape: ConvShape): i32 {
  return imageGroups(shape.images, shape.pixels) * rowPanels(shape.outChannels, shape.groups);
}

/**
 * The convolution of `f32_conv2d_direct_forward` as a matrix product, pieces [begin, end): the way where both sides
 * have many channels. Summed in the same order, u, v, c, starting from the bias.
 *
 * @param scratch `f32_conv2d_gemm_forward_scratch(shape)` floats
 * @param turned the weight is that of the convolution whose gradient this is: [channels, outChannels/groups, …], from
 * the last place to the first
 * @param relu y < 0 becomes 0
 * @work (end - begin) * shape.outHeight * shape.outWidth * shape.channels / shape.groups * shape.kernelHeight *
 * shape.kernelWidth
 */
export function f32_conv2d_gemm_forward(
  y: usize, x: usize, weight: usize, bias: OptionalAddress, shape: ConvShape, scratch: usize, turned: bool, relu: bool,
  begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertConvImages(shape, x, y);
  assertWords(y | x | weight | bias | scratch);
  const images = shape.images, channels = shape.channels, height = shape.height, width = shape.width;
  const outChannels = shape.outChannels, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX, top = shape.top, left = shape.left, dilationY = shape.dilationY;
  const dilationX = shape.dilationX, groups = shape.groups, groupChannels = shape.groupChannels;
  const groupOutputs = shape.groupOutputs, taps = shape.taps, pixels = shape.pixels;
  if (outHeight <= 0 || outWidth <= 0) return;
  const together = imagesTogether(pixels);
  const panelsOfGroup = rowPanels(groupOutputs, 1);
  const allPanels = groups * panelsOfGroup;
  const panelBytes = <usize>taps << 4;
  // Where no tap looks beyond the image, it is read where it is.
  const inside = top == 0 && left == 0 && paddedRows(shape) <= height && paddedColumns(shape) <= width;
  const rows = inside ? height : paddedRows(shape);
  const pitch = inside ? width : paddedColumns(shape);
  const copyBytes = <usize>(channels * rows * pitch) << 2;

  const starts = scratch + (<usize>multiplyScratch(taps) << 2);
  const panels = starts + <usize>allPanels * START_BYTES;
  const list = panels + <usize>allPanels * panelBytes;
  const places = list + (<usize>taps << 2);
  const padded = places + (<usize>placesSize(together * pixels) << 2);

  let at = list;
  for (let u = 0; u < kernelHeight; u++) {
    for (let v = 0; v < kernelWidth; v++) {
      for (let c = 0; c < groupChannels; c++, at += 4) {
        store<i32>(at, ((c * rows + u * dilationY) * pitch + v * dilationX) << 2);
      }
    }
  }
  for (let group = 0; group < groups; group++) {
    const first = <usize>(group * panelsOfGroup);
    const output = group * groupOutputs;
    packStarts(starts + first * START_BYTES, bias != 0 ? bias + (<usize>output << 2) : 0, groupOutputs);
    packWeights(
      panels + first * panelBytes, weight + (<usize>(group * groupOutputs * taps) << 2), groupOutputs, groupChannels,
      kernelHeight * kernelWidth, turned);
  }
  if (!inside) memory.fill(padded, 0, <usize>together * copyBytes);

  const imageBytes = shape.imageBytes;
  const outBytes = shape.outBytes;
  let listed = 0;
  for (let piece = begin; piece < end;) {
    const firstImage = piece / allPanels * together;
    const count = min(together, images - firstImage);
    if (listed != count) {
      listPlaces(places, count, outHeight, outWidth, copyBytes, <usize>(strideY * pitch) << 2, <usize>strideX << 2);
      listed = count;
    }
    const image = x + <usize>firstImage * imageBytes;
    if (!inside) {
      for (let i: usize = 0; i < <usize>count; i++) {
        copyIntoPadded(
          padded + i * copyBytes, image + i * imageBytes, channels, height, width, rows, pitch, strideY, shape.spanY, 1,
          1, top, left);
      }
    }
    const last = min(end, (piece / allPanels + 1) * allPanels);
    while (piece < last) {
      // As many panels as there are left in this group of channels.
      const panel = piece % allPanels;
      const group = panel / panelsOfGroup;
      const first = panel % panelsOfGroup;
      const taken = min(panelsOfGroup - first, last - piece);
      multiply(
        y + <usize>firstImage * outBytes + (<usize>((group * groupOutputs + first * PANEL_ROWS) * pixels) << 2),
        outBytes, count, pixels,
        min(taken * PANEL_ROWS, groupOutputs - first * PANEL_ROWS), panels + <usize>panel * panelBytes,
        starts + <usize>panel * START_BYTES,
        (inside ? image : padded)
          + (<usize>(group * groupChannels * rows * pitch) << 2), list, taps, places, scratch, relu);
      piece += taken;
    }
  }
}

/** The weights of one group as panels of four rows, terms in the order place, channel. */
function packWeights(panel: usize, weight: usize, rows: i32, channels: i32, kernelSize: i32, turned: bool): void {
  const placeBytes = <usize>kernelSize << 2;
  const rowStep = turned ? placeBytes : <usize>channels * placeBytes;
  const channelStep = turned ? <usize>rows * placeBytes : placeBytes;
  for (let row = 0; row < rows; row += PANEL_ROWS) {
    const left = rows - row;
    for (let place = 0; place < kernelSize; place++) {
      let from = weight + <usize>row * rowStep + (<usize>(turned ? kernelSize - 1 - place : place) << 2);
      for (let c = 0; c < channels; c++, from += channelStep, panel += 16) {
        store<f32>(panel, load<f32>(from));
        store<f32>(panel, left > 1 ? load<f32>(from + rowStep) : 0, 4);
        store<f32>(panel, left > 2 ? load<f32>(from + 2 * rowStep) : 0, 8);
        store<f32>(panel, left > 3 ? load<f32>(from + 3 * rowStep) : 0, 12);
      }
    }
  }
}
