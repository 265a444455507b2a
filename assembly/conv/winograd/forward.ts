import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { loadNext } from '../../simd/part';
import { f32x4_madd } from '../../simd/vector';
import { WIDE } from '../../simd/width';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import {
  GROUP, GROUP_BYTES, inFours, inGroups, placeBytes, PLACES, stripsOfBlock, tileOffset, tilesOf
} from './blocks';
import { deinterleave } from './interleave';
import { multiply } from './multiply';
import { planesOfInput, rowsSize, stripsOfImage } from './planes';
import { eight, four, storePair, transformOutput, two } from './transforms';

/** Number of strips, rows of tiles of one image: what `f32_conv2d_winograd_forward` shares. */
export function f32_conv2d_winograd_strips(shape: ConvShape): i32 {
  return shape.images * tilesOf(shape.outHeight);
}

/** Floats of scratch that `f32_conv2d_winograd_forward` needs. */
export function f32_conv2d_winograd_forward_scratch(shape: ConvShape): i32 {
  const tilesX = tilesOf(shape.outWidth), strips = stripsOfBlock(shape);
  const tiles = inFours(strips * tilesX);
  return rowsSize(strips, tilesX) + 25 * GROUP
    + PLACES * <i32>(placeBytes(tiles, inGroups(shape.channels)) + placeBytes(tiles, inGroups(shape.outChannels))) / 4;
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
  const paddedChannels = inGroups(channels);
  const paddedOutputs = inGroups(outChannels);
  const blockTiles = inFours(strips * tilesX);
  const rows = scratch;
  const half = rows + (<usize>rowsSize(strips, tilesX) << 2);
  const starts = half + 24 * GROUP_BYTES;
  const v = starts + GROUP_BYTES;
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
      for (let o = 0; o < outChannels; o += GROUP, from += 4 * GROUP_BYTES, image += plane * GROUP) {
        const lanes = min(outChannels - o, GROUP);
        v128.store(starts, biasOf(bias, o, min(lanes, 4)));
        if (WIDE && lanes > 4) v128.store(starts, biasOf(bias, o + 4, lanes - 4), 16);
        let tile = s * tilesX;
        for (let row = firstRow; row < lastRow; row += 4) {
          for (let column = 0; column < outWidth; column += 4, tile++) {
            collectOutput(
              image + (<usize>(row * outWidth + column) << 2), <usize>outWidth << 2, plane, lanes,
              min(lastRow - row, 4), outWidth - column,
              from + tileOffset(tile, paddedOutputs), mPlace, half, starts, least);
          }
        }
      }
    }
  }
}

/**
 * The 36 sums of one tile of a group of channels → its square of 4×4 outputs, of which `lines` and `columns` lie
 * inside.
 * `half` holds 24 vectors in between, or pairs; `bias` one. `to`: the corner of the square in the first channel.
 */
// @ts-ignore: decorator
@inline
function collectOutput(
  to: usize, row: usize, plane: usize, lanes: i32, lines: i32, columns: i32, from: usize, place: usize, half: usize,
  bias: usize, least: v128,
): void {
  const step: usize = 6 * GROUP_BYTES;
  for (let column: usize = 0; column < 6; column++) {
    transformOutput(from + column * place, 6 * place, half + column * GROUP_BYTES, step);
  }
  for (const end = half + <usize>lines * step; half < end; half += step, to += row) {
    // Aᵀ once more, but what comes out goes to the channels.
    const k2 = two(), k4 = four(), k8 = eight(), start = v128.load(bias), start1 = loadNext(bias, start, WIDE);
    const m0 = v128.load(half), n0 = loadNext(half, m0, WIDE);
    const m1 = v128.load(half, GROUP_BYTES), m2 = v128.load(half, 2 * GROUP_BYTES);
    const m3 = v128.load(half, 3 * GROUP_BYTES), m4 = v128.load(half, 4 * GROUP_BYTES);
    const m5 = v128.load(half, 5 * GROUP_BYTES);
    const n1 = loadNext(half + GROUP_BYTES, m1, WIDE), n2 = loadNext(half + 2 * GROUP_BYTES, m2, WIDE);
    const n3 = loadNext(half + 3 * GROUP_BYTES, m3, WIDE), n4 = loadNext(half + 4 * GROUP_BYTES, m4, WIDE);
    const n5 = loadNext(half + 5 * GROUP_BYTES, m5, WIDE);
    const sum12 = f32x4.add(m1, m2), sum34 = f32x4.add(m3, m4);
    const difference12 = f32x4.sub(m1, m2), difference34 = f32x4.sub(m3, m4);
    const c0 = finish(f32x4.add(f32x4.add(m0, sum12), sum34), start, least);
    const c1 = finish(f32x4_madd(k2, difference34, difference12), start, least);
    const c2 = finish(f32x4_madd(k4, sum34, sum12), start, least);
    const c3 = finish(f32x4_madd(k8, difference34, f32x4.add(difference12, m5)), start, least);
    if (!WIDE) {
      deinterleave(to, plane, lanes, columns, c0, c1, c2, c3);
      continue;
    }
    // Pairs are stored and read again: so they are joined up to here, as no shuffle needs the halves.
    const sum12n = f32x4.add(n1, n2), sum34n = f32x4.add(n3, n4);
    const difference12n = f32x4.sub(n1, n2), difference34n = f32x4.sub(n3, n4);
    storePair(half, c0, finish(f32x4.add(f32x4.add(n0, sum12n), sum34n), start1, least));
    storePair(half + 32, c1, finish(f32x4_madd(k2, difference34n, difference12n), start1, least));
    storePair(half + 64, c2, finish(f32x4_madd(k4, sum34n, sum12n), start1, least));
    storePair(
      half + 96, c3, finish(f32x4_madd(k8, difference34n, f32x4.add(difference12n, n5)), start1, least));
    deinterleave(
      to, plane, min(lanes, 4), columns, v128.load(half), v128.load(half, 32), v128.load(half, 64),
      v128.load(half, 96));
    if (lanes > 4) {
      deinterleave(
        to + 4 * plane, plane, lanes - 4, columns, v128.load(half, 16), v128.load(half, 48), v128.load(half, 80),
        v128.load(half, 112));
    }
  }
}

/** An output from its sum. */
// @ts-ignore: decorator
@inline
function finish(sum: v128, start: v128, least: v128): v128 {
  return f32x4.pmax(f32x4.add(sum, start), least);
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
