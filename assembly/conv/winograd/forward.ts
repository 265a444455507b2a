import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { f32x4_madd } from '../../simd/vector';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import { inFours, placeBytes, PLACES, stripsOfBlock, tileOffset, tilesOf } from './blocks';
import { deinterleave } from './interleave';
import { multiply } from './multiply';
import { planesOfInput, rowsSize, stripsOfImage } from './planes';
import { transformOutput } from './transforms';

/** Number of strips, rows of tiles of one image: what `f32_conv2d_winograd_forward` shares. */
export function f32_conv2d_winograd_strips(shape: ConvShape): i32 {
  return shape.images * tilesOf(shape.outHeight);
}

/** Floats of scratch that `f32_conv2d_winograd_forward` needs. */
export function f32_conv2d_winograd_forward_scratch(shape: ConvShape): i32 {
  const tilesX = tilesOf(shape.outWidth), strips = stripsOfBlock(shape);
  const tiles = inFours(strips * tilesX);
  return rowsSize(strips, tilesX) + 24 * 4
    + PLACES * <i32>(placeBytes(tiles, inFours(shape.channels)) + placeBytes(tiles, inFours(shape.outChannels))) / 4;
}

/**
 * Convolution with 3×3 kernels and stride 1, strips [begin, end): rows of tiles of one image, image after image.
 *
 *     y[n,o,i,j] = bias[o] + Σ_{c,u,v} weight[o,c,u,v] · x[n,c,i + u − top,j + v − left]
 *
 * bias [outChannels] or address 0. With `relu`, y is 0 where it would be negative (NaN and −0 stay). y is overwritten
 * and overlaps nothing.
 *
 * @param u the kernels, from `f32_conv2d_winograd_filters`
 * @param scratch `f32_conv2d_winograd_forward_scratch(shape)` floats
 * @work (end - begin) * shape.outChannels * shape.channels * shape.outWidth * 3
 */
export function f32_conv2d_winograd_forward(
  y: usize, x: usize, u: usize, bias: OptionalAddress, shape: ConvShape, scratch: usize, relu: bool, begin: i32,
  end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertConvImages(shape, x, y);
  assertWords(y | x | u | bias | scratch);
  const channels = shape.channels, height = shape.height, width = shape.width;
  const outChannels = shape.outChannels, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const top = shape.top, left = shape.left;
  const tilesX = tilesOf(outWidth);
  const tilesY = tilesOf(outHeight);
  const strips = stripsOfBlock(shape);
  const paddedChannels = inFours(channels);
  const paddedOutputs = inFours(outChannels);
  const blockTiles = inFours(strips * tilesX);
  const rows = scratch;
  const half = rows + (<usize>rowsSize(strips, tilesX) << 2);
  const v = half + 24 * 16;
  const vPlace = placeBytes(blockTiles, paddedChannels);
  const m = v + <usize>PLACES * vPlace;
  const mPlace = placeBytes(blockTiles, paddedOutputs);
  const uPlace = placeBytes(channels, paddedOutputs);
  const imageBytes = shape.imageBytes;
  const plane = <usize>(outHeight * outWidth) << 2;
  const least = f32x4.splat(relu ? 0 : -Infinity);

  for (let strip = begin; strip < end; strip += strips) {
    const count = min(strips, end - strip);
    for (let s = 0, taken = 0; s < count; s += taken) {
      taken = stripsOfImage(strip + s, count - s, tilesY);
      const image = x + <usize>((strip + s) / tilesY) * imageBytes;
      planesOfInput(
        v, vPlace, s * tilesX, rows, image, channels, height, width, (strip + s) % tilesY * 4 - top, left, taken,
        tilesX);
    }
    for (let place: usize = 0; place < <usize>PLACES; place++) {
      multiply(m + place * mPlace, v + place * vPlace, u + place * uPlace, count * tilesX, channels, paddedOutputs);
    }
    for (let s = 0, taken = 0; s < count; s += taken) {
      taken = stripsOfImage(strip + s, count - s, tilesY);
      const firstRow = (strip + s) % tilesY * 4;
      const lastRow = min(firstRow + taken * 4, outHeight);
      let from = m;
      let image = y + <usize>((strip + s) / tilesY * outChannels) * plane;
      for (let o = 0; o < outChannels; o += 4, from += 64, image += plane << 2) {
        const lanes = min(outChannels - o, 4);
        const start = biasOf(bias, o, lanes);
        let tile = s * tilesX;
        for (let row = firstRow; row < lastRow; row += 4) {
          for (let column = 0; column < outWidth; column += 4, tile++) {
            collectOutput(
              image + (<usize>(row * outWidth + column) << 2), <usize>outWidth << 2, plane, lanes,
              min(lastRow - row, 4), outWidth - column,
              from + tileOffset(tile, paddedOutputs), mPlace, half, start, least);
          }
        }
      }
    }
  }
}

/**
 * The 36 sums of one tile of four channels → its square of 4×4 outputs, of which `lines` and `columns` lie inside.
 * `half` holds 24 vectors in between. `to`: the corner of the square in the first channel.
 */
// @ts-ignore: decorator
@inline
function collectOutput(
  to: usize, row: usize, plane: usize, lanes: i32, lines: i32, columns: i32, from: usize, place: usize, half: usize,
  start: v128, least: v128,
): void {
  for (let column: usize = 0; column < 6; column++) {
    transformOutput(from + column * place, 6 * place, half + (column << 4), 96);
  }
  for (const end = half + <usize>lines * 96; half < end; half += 96, to += row) {
    // Aᵀ once more, but what comes out goes to four channels.
    const m1 = v128.load(half, 16), m2 = v128.load(half, 32), m3 = v128.load(half, 48), m4 = v128.load(half, 64);
    const sum12 = f32x4.add(m1, m2), sum34 = f32x4.add(m3, m4);
    const difference12 = f32x4.sub(m1, m2), difference34 = f32x4.sub(m3, m4);
    deinterleave(
      to, plane, lanes, columns,
      f32x4.pmax(f32x4.add(f32x4.add(f32x4.add(v128.load(half), sum12), sum34), start), least),
      f32x4.pmax(f32x4.add(f32x4_madd(f32x4.splat(2), difference34, difference12), start), least),
      f32x4.pmax(f32x4.add(f32x4_madd(f32x4.splat(4), sum34, sum12), start), least),
      f32x4.pmax(
        f32x4.add(f32x4_madd(f32x4.splat(8), difference34, f32x4.add(difference12, v128.load(half, 80))), start),
        least));
  }
}

/** The biases of up to four channels. */
function biasOf(bias: usize, o: i32, lanes: i32): v128 {
  let start = f32x4.splat(0);
  if (bias == 0) return start;
  bias += <usize>o << 2;
  start = v128.load32_zero(bias);
  if (lanes > 1) start = v128.load_lane<f32>(bias, start, 1, 4);
  if (lanes > 2) start = v128.load_lane<f32>(bias, start, 2, 8);
  if (lanes > 3) start = v128.load_lane<f32>(bias, start, 3, 12);
  return start;
}
