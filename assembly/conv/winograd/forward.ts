import { tile4x8 } from '../../gemm/tile';
import { FORWARD_COLUMNS, groupsOf, placeBytes, PLACES, stripsOfBlock, tilesOf } from './blocks';
import { LANES } from '../lanes';
import { deinterleave, interleave } from './interleave';
import { transformInput, transformOutput } from './transforms';

/** Columns of a block, rounded up to whole panels. */
// @ts-ignore: decorator
@inline
function paddedColumns(strips: i32, tilesX: i32): i32 {
  return (strips * tilesX * LANES + 7) & ~7;
}

/** Number of groups of four images: what `f32_winograd_forward` shares. */
export function f32_winograd_groups(images: i32): i32 {
  return groupsOf(images);
}

/** Floats of scratch that `f32_winograd_forward` needs. */
export function f32_winograd_forward_scratch(channels: i32, outChannels: i32, outWidth: i32): i32 {
  const tilesX = tilesOf(outWidth);
  const columns = paddedColumns(stripsOfBlock(channels, outChannels, tilesX, FORWARD_COLUMNS), tilesX);
  const padded = (outChannels + 3) & ~3;
  return 8 + 2 * 6 * (tilesX * 4 + 2) * LANES + 24 * LANES + 16 * LANES + PLACES * <i32>(placeBytes(channels, columns) + placeBytes(padded, columns)) / 4;
}

/**
 * Convolution with 3×3 kernels and stride 1, groups [begin, end) of four images.
 *
 *     y[n,o,i,j] = bias[o] + Σ_{c,u,v} weight[o,c,u,v] · x[n,c,i + u − top,j + v − left]
 *
 * x [images, channels, height, width], y [images, outChannels, outHeight, outWidth], bias [outChannels] or address 0.
 * y is overwritten and overlaps nothing.
 *
 * @param u the kernels, from `f32_winograd_filters`
 * @param scratch `f32_winograd_forward_scratch(…)` floats
 * @work (end - begin) * outChannels * channels * outHeight * outWidth * 3
 */
export function f32_winograd_forward(
  y: usize, x: usize, u: usize, bias: usize, scratch: usize, images: i32,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  const tilesX = tilesOf(outWidth);
  const tilesY = tilesOf(outHeight);
  const strips = stripsOfBlock(channels, outChannels, tilesX, FORWARD_COLUMNS);
  const columns = paddedColumns(strips, tilesX);
  const padded = (outChannels + 3) & ~3;
  const rowColumns = tilesX * 4 + 2;
  const zeros = scratch;
  const rows = zeros + 32;
  const vertical = rows + <usize>(6 * rowColumns) * 16;
  const half = vertical + <usize>(6 * rowColumns) * 16;
  const square = half + 24 * 16;
  const v = square + 16 * 16;
  const vPlace = placeBytes(channels, columns);
  const m = v + <usize>PLACES * vPlace;
  const mPlace = placeBytes(padded, columns);
  const uPlace = <usize>(padded * channels) << 2;
  v128.store(zeros, f32x4.splat(0));
  v128.store(zeros, f32x4.splat(0), 16);
  // A block may end in the middle of a panel: what lies there is computed along, and must be numbers.
  memory.fill(v, 0, <usize>PLACES * vPlace);

  const lastStrip = end * tilesY;
  for (let strip = begin * tilesY; strip < lastStrip; strip += strips) {
    const count = min(strips, lastStrip - strip);
    for (let s = 0; s < count; s++) {
      const group = (strip + s) / tilesY;
      const y0 = (strip + s) % tilesY * 4 - top;
      const imageStep = <usize>(channels * height * width) << 2;
      const lanes = min(images - group * LANES, LANES);
      let image = x + <usize>(group * LANES) * imageStep;
      for (let c = 0; c < channels; c++, image += <usize>(height * width) << 2) {
        interleave(rows, image, imageStep, lanes, height, width, y0, 6, left, rowColumns);
        spreadInput(v, vPlace, rows, vertical, c, channels, s * tilesX, tilesX);
      }
    }
    const usedColumns = paddedColumns(count, tilesX);
    for (let place = 0; place < PLACES; place++) {
      multiplyPlace(m + <usize>place * mPlace, u + <usize>place * uPlace, v + <usize>place * vPlace, zeros, padded, channels, columns, usedColumns);
    }
    for (let s = 0; s < count; s++) {
      const group = (strip + s) / tilesY;
      const y0 = (strip + s) % tilesY * 4;
      const imageStep = <usize>(outChannels * outHeight * outWidth) << 2;
      const lanes = min(images - group * LANES, LANES);
      let image = y + <usize>(group * LANES) * imageStep + (<usize>(y0 * outWidth) << 2);
      for (let o = 0; o < outChannels; o++, image += <usize>(outHeight * outWidth) << 2) {
        const start = f32x4.splat(bias != 0 ? load<f32>(bias + (<usize>o << 2)) : 0);
        const from = m + (<usize>(o * columns + s * tilesX * LANES) << 2);
        for (let tile = 0; tile < tilesX; tile++) {
          collectOutput(square, half, from + (<usize>tile << 4), mPlace, start);
          deinterleave(image + (<usize>tile << 4), imageStep, lanes, outWidth, square, min(outHeight - y0, 4), outWidth - tile * 4);
        }
      }
    }
  }
}

/** M [outputs, columns] of one place: all its panels. */
function multiplyPlace(m: usize, u: usize, v: usize, zeros: usize, outputs: i32, channels: i32, columns: i32, usedColumns: i32): void {
  const step = <usize>columns << 2;
  const panelV = <usize>channels << 5;
  const panelU = <usize>channels << 4;
  for (let column = 0; column < usedColumns; column += 8, v += panelV) {
    let from = u;
    let to = m + (<usize>column << 2);
    for (let o = 0; o < outputs; o += 4, from += panelU, to += step << 2) tile4x8(to, step, zeros, 0, from, v, channels, false);
  }
}

/** Six interleaved rows of channel c → its place in V for a strip of tiles, the first of them number `firstTile` of the block. */
function spreadInput(v: usize, vPlace: usize, rows: usize, vertical: usize, c: i32, channels: i32, firstTile: i32, tiles: i32): void {
  const rowBytes = <usize>(tiles * 4 + 2) << 4;
  for (let at: usize = 0; at < rowBytes; at += 16) transformInput(rows + at, rowBytes, vertical + at, rowBytes);
  for (let tile = 0; tile < tiles; tile++) {
    const column = firstTile + tile;
    // Two tiles make a panel [channels][8].
    const to = v + (<usize>((column >> 1) * channels * 8 + c * 8 + (column & 1) * 4) << 2);
    let from = vertical + (<usize>tile << 6);
    for (let row: usize = 0; row < 6; row++, from += rowBytes) transformInput(from, 16, to + row * 6 * vPlace, vPlace);
  }
}

/** The 36 sums of one tile → its square of 4×4 outputs. `half` holds 24 vectors in between. */
// @ts-ignore: decorator
@inline
function collectOutput(square: usize, half: usize, from: usize, place: usize, start: v128): void {
  for (let column: usize = 0; column < 6; column++) transformOutput(from + column * place, 6 * place, half + (column << 4), 96);
  for (let row: usize = 0; row < 4; row++) {
    transformOutput(half + row * 96, 16, square + (row << 6), 16);
  }
  for (let at: usize = 0; at < 256; at += 16) v128.store(square + at, f32x4.add(v128.load(square + at), start));
}
