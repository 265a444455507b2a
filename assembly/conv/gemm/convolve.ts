import { copyIntoPadded } from '../padded';
import { imageGroups, imagesTogether, listPlaces, multiply, multiplyScratch, packStarts, placesSize, rowPanels, ROWS } from './columns';

/** Rows, or columns, of the padded input. */
// @ts-ignore: decorator
@inline
function spanOf(outputs: i32, kernel: i32, stride: i32, dilation: i32): i32 {
  return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
}

/** Floats of scratch that `f32_conv2d_gemm` needs. */
export function f32_conv2d_gemm_scratch(
  channels: i32, outChannels: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, groups: i32,
): i32 {
  const taps = channels / groups * kernelHeight * kernelWidth;
  const pixels = outHeight * outWidth;
  const together = imagesTogether(pixels);
  return multiplyScratch(taps) + rowPanels(outChannels, groups) * ROWS * (8 + taps) + taps + placesSize(together * pixels)
    + together * channels * spanOf(outHeight, kernelHeight, strideY, dilationY) * spanOf(outWidth, kernelWidth, strideX, dilationX);
}

/** Number of pieces that `f32_conv2d_gemm` shares: four output channels of one group of images. */
export function f32_conv2d_gemm_pieces(images: i32, outChannels: i32, outHeight: i32, outWidth: i32, groups: i32): i32 {
  return imageGroups(images, outHeight * outWidth) * rowPanels(outChannels, groups);
}

/**
 * The convolution of `f32_conv2d_forward` as a matrix product, pieces [begin, end): the way where both sides have many
 * channels. Summed in the same order, u, v, c, starting from the bias.
 *
 * @param scratch `f32_conv2d_gemm_scratch(…)` floats
 * @param turned the weight is that of the convolution whose gradient this is: [channels, outChannels/groups, …], from the last place to the first
 * @param relu y < 0 becomes 0
 * @work (end - begin) * outHeight * outWidth * channels / groups * kernelHeight * kernelWidth
 */
export function f32_conv2d_gemm(
  y: usize, x: usize, weight: usize, bias: usize, scratch: usize, images: i32,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, top: i32, left: i32, dilationY: i32, dilationX: i32, groups: i32, turned: bool, relu: bool, begin: i32, end: i32,
): void {
  if (outHeight <= 0 || outWidth <= 0) return;
  const groupChannels = channels / groups;
  const groupOutputs = outChannels / groups;
  const taps = groupChannels * kernelHeight * kernelWidth;
  const pixels = outHeight * outWidth;
  const together = imagesTogether(pixels);
  const panelsOfGroup = rowPanels(groupOutputs, 1);
  const allPanels = groups * panelsOfGroup;
  const panelBytes = <usize>taps << 4;
  const spanY = spanOf(outHeight, kernelHeight, strideY, dilationY);
  const spanX = spanOf(outWidth, kernelWidth, strideX, dilationX);
  // Where no tap looks beyond the image, it is read where it is.
  const inside = top == 0 && left == 0 && spanY <= height && spanX <= width;
  const rows = inside ? height : spanY;
  const pitch = inside ? width : spanX;
  const copyBytes = <usize>(channels * rows * pitch) << 2;

  const starts = scratch + (<usize>multiplyScratch(taps) << 2);
  const panels = starts + (<usize>(allPanels * ROWS) << 5);
  const list = panels + <usize>allPanels * panelBytes;
  const places = list + (<usize>taps << 2);
  const padded = places + (<usize>placesSize(together * pixels) << 2);

  let at = list;
  for (let u = 0; u < kernelHeight; u++) {
    for (let v = 0; v < kernelWidth; v++) {
      for (let c = 0; c < groupChannels; c++, at += 4) store<i32>(at, ((c * rows + u * dilationY) * pitch + v * dilationX) << 2);
    }
  }
  for (let group = 0; group < groups; group++) {
    const first = <usize>(group * panelsOfGroup);
    const output = group * groupOutputs;
    packStarts(starts + (first << 7), bias != 0 ? bias + (<usize>output << 2) : 0, groupOutputs);
    packWeights(panels + first * panelBytes, weight + (<usize>(group * groupOutputs * taps) << 2), groupOutputs, groupChannels, kernelHeight * kernelWidth, turned);
  }
  if (!inside) memory.fill(padded, 0, <usize>together * copyBytes);

  const imageBytes = <usize>(channels * height * width) << 2;
  const outBytes = <usize>(outChannels * pixels) << 2;
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
        copyIntoPadded(padded + i * copyBytes, image + i * imageBytes, channels, height, width, rows, pitch, strideY, (kernelHeight - 1) * dilationY + 1, 1, 1, top, left);
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
        y + <usize>firstImage * outBytes + (<usize>((group * groupOutputs + first * ROWS) * pixels) << 2), outBytes, count, pixels,
        min(taken * ROWS, groupOutputs - first * ROWS), panels + <usize>panel * panelBytes, starts + (<usize>panel << 7),
        (inside ? image : padded) + (<usize>(group * groupChannels * rows * pitch) << 2), list, taps, places, scratch, relu);
      piece += taken;
    }
  }
}

/** The weights of one group as panels of four rows, terms in the order place, channel. */
function packWeights(panel: usize, weight: usize, rows: i32, channels: i32, kernelSize: i32, turned: bool): void {
  const placeBytes = <usize>kernelSize << 2;
  const rowStep = turned ? placeBytes : <usize>channels * placeBytes;
  const channelStep = turned ? <usize>rows * placeBytes : placeBytes;
  for (let row = 0; row < rows; row += ROWS) {
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
