import { assertShare, assertWords } from '../../assert';
import { assertConvShape, ConvShape } from '../shape';
import { PARTS, PART_TILES } from '../tuning';
import { inFours, inGroups, placeBytes, PLACES, stripsOfBlock, tilesOf } from './blocks';
import { multiplyTransposed } from './multiply';
import { planesOfGradient, planesOfInput, rowsSize, stripsOfImage } from './planes';

/** Number of parts that `f32_conv2d_winograd_backward_weight` sums by themselves: what it shares. */
export function f32_conv2d_winograd_parts(shape: ConvShape): i32 {
  const strips = shape.images * tilesOf(shape.outHeight);
  return min(min(strips, PARTS), (strips * tilesOf(shape.outWidth) + PART_TILES - 1) / PART_TILES);
}

/** Floats that one part takes. */
export function f32_conv2d_winograd_part_size(shape: ConvShape): i32 {
  return PLACES * <i32>placeBytes(inGroups(shape.outChannels), inGroups(shape.channels)) / 4;
}

/** Floats of scratch that `f32_conv2d_winograd_backward_weight` needs. */
export function f32_conv2d_winograd_backward_weight_scratch(shape: ConvShape): i32 {
  const tilesX = tilesOf(shape.outWidth), strips = stripsOfBlock(shape);
  const tiles = inFours(strips * tilesX);
  return rowsSize(strips, tilesX)
    + PLACES * <i32>(placeBytes(tiles, inGroups(shape.channels)) + placeBytes(tiles, inGroups(shape.outChannels))) / 4;
}

/**
 * Gradient of such a convolution with respect to its kernels, before the last transform: parts [begin, end).
 *
 *     part[k][36][O'][C'] = Σ (A dy Aᵀ) ⊙ (Bᵀ x B) over the tiles of part k;   O', C': channels rounded up to 4
 *
 * The parts, and the order within, are the same however they are shared out. `f32_conv2d_winograd_filters_backward`
 * adds them.
 *
 * @param scratch `f32_conv2d_winograd_backward_weight_scratch(shape)` floats
 * @work (end - begin) * shape.images * shape.outChannels * shape.channels * shape.outHeight * shape.outWidth / 10
 */
export function f32_conv2d_winograd_backward_weight(
  parts: usize, dy: usize, x: usize, shape: ConvShape, scratch: usize, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertWords(parts | dy | x | scratch);
  const images = shape.images, channels = shape.channels, height = shape.height, width = shape.width;
  const outChannels = shape.outChannels, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const top = shape.top, left = shape.left;
  const tilesX = tilesOf(outWidth);
  const tilesY = tilesOf(outHeight);
  const strips = stripsOfBlock(shape);
  const paddedChannels = inGroups(channels);
  const paddedOutputs = inGroups(outChannels);
  const rows = scratch;
  const v = rows + (<usize>rowsSize(strips, tilesX) << 2);
  const vPlace = placeBytes(inFours(strips * tilesX), paddedChannels);
  const p = v + <usize>PLACES * vPlace;
  const pPlace = placeBytes(inFours(strips * tilesX), paddedOutputs);
  const sumPlace = placeBytes(paddedOutputs, paddedChannels);
  const imageBytes = shape.imageBytes;
  const gradientBytes = shape.outBytes;
  const partCount = f32_conv2d_winograd_parts(shape);

  for (let part = begin; part < end; part++) {
    const sums = parts + <usize>(part * PLACES) * sumPlace;
    const firstStrip = images * tilesY * part / partCount;
    const lastStrip = images * tilesY * (part + 1) / partCount;
    for (let strip = firstStrip; strip < lastStrip; strip += strips) {
      const count = min(strips, lastStrip - strip);
      for (let s = 0, taken = 0; s < count; s += taken) {
        taken = stripsOfImage(strip + s, count - s, tilesY);
        const image = <usize>((strip + s) / tilesY);
        const y0 = (strip + s) % tilesY * 4;
        planesOfInput(
          v, vPlace, s * tilesX, rows, x + image * imageBytes, channels, height, width, y0 - top, left, taken, tilesX);
        planesOfGradient(
          p, pPlace, s * tilesX, rows, dy + image * gradientBytes, outChannels, outHeight, outWidth, y0, taken, tilesX);
      }
      for (let place: usize = 0; place < <usize>PLACES; place++) {
        multiplyTransposed(
          sums + place * sumPlace, p + place * pPlace, v
            + place * vPlace, count * tilesX, paddedOutputs, paddedChannels, strip > firstStrip);
      }
    }
  }
}
