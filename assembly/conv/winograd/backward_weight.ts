import { f32x4_madd } from '../../simd/vector';
import { groupsOf, placeBytes, PLACES, stripsOfBlock, tilesOf, WEIGHT_COLUMNS } from './blocks';
import { LANES } from '../lanes';
import { filterRow } from './filters';
import { interleave } from './interleave';
import { transformGradient, transformInput } from './transforms';

/** Parts into which the images of a weight gradient are cut, each summed by itself: what threads share. */
const PARTS: i32 = 8;

/** Number of parts that `f32_winograd_backward_weight` sums by themselves: what it shares. */
export function f32_winograd_parts(images: i32): i32 {
  return min(groupsOf(images), PARTS);
}

/** Floats that all parts take. */
export function f32_winograd_parts_size(images: i32, outChannels: i32, channels: i32): i32 {
  return f32_winograd_parts(images) * PLACES * outChannels * ((channels + 3) & ~3);
}

/** Floats of scratch that `f32_winograd_backward_weight` needs. */
export function f32_winograd_backward_weight_scratch(channels: i32, outChannels: i32, outWidth: i32): i32 {
  const tilesX = tilesOf(outWidth);
  const columns = stripsOfBlock(channels, outChannels, tilesX, WEIGHT_COLUMNS) * tilesX * LANES;
  return 2 * 6 * (tilesX * 4 + 2) * LANES + PLACES * <i32>(placeBytes((channels + 3) & ~3, columns) + placeBytes((outChannels + 1) & ~1, columns)) / 4;
}

/**
 * Gradient of such a convolution with respect to its kernels, before the last transform: parts [begin, end).
 *
 *     part[k][36][O][C'] = Σ_n (A dy Aᵀ) ⊙ (Bᵀ x B) over the images n of part k;   C' = channels rounded up to 4
 *
 * The parts, and the order within, are the same however they are shared out. `f32_winograd_filters_backward` adds them.
 *
 * @param scratch `f32_winograd_backward_weight_scratch(…)` floats
 * @work (end - begin) * images * outChannels * channels * outHeight * outWidth / 10
 */
export function f32_winograd_backward_weight(
  parts: usize, dy: usize, x: usize, scratch: usize, images: i32,
  channels: i32, height: i32, width: i32, outChannels: i32, outHeight: i32, outWidth: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  const tilesX = tilesOf(outWidth);
  const tilesY = tilesOf(outHeight);
  const strips = stripsOfBlock(channels, outChannels, tilesX, WEIGHT_COLUMNS);
  const columns = strips * tilesX * LANES;
  const paddedChannels = (channels + 3) & ~3;
  const paddedOutputs = (outChannels + 1) & ~1;
  const rowColumns = tilesX * 4 + 2;
  const rows = scratch;
  const vertical = rows + <usize>(6 * rowColumns) * 16;
  const v = vertical + <usize>(6 * rowColumns) * 16;
  const vPlace = placeBytes(paddedChannels, columns);
  const p = v + <usize>PLACES * vPlace;
  const pPlace = placeBytes(paddedOutputs, columns);
  const partBytes = <usize>(PLACES * outChannels * paddedChannels) << 2;
  const groups = groupsOf(images);
  const partCount = f32_winograd_parts(images);
  // The channels that only fill up a tile of the sum stay zeros.
  memory.fill(v, 0, <usize>PLACES * (vPlace + pPlace));
  memory.fill(parts + <usize>begin * partBytes, 0, <usize>(end - begin) * partBytes);

  for (let part = begin; part < end; part++) {
    const lastStrip = groups * (part + 1) / partCount * tilesY;
    for (let strip = groups * part / partCount * tilesY; strip < lastStrip; strip += strips) {
      const count = min(strips, lastStrip - strip);
      for (let s = 0; s < count; s++) {
        const group = (strip + s) / tilesY;
        const y0 = (strip + s) % tilesY * 4;
        const lanes = min(images - group * LANES, LANES);
        const first = s * tilesX * LANES;
        const imageStep = <usize>(channels * height * width) << 2;
        let image = x + <usize>(group * LANES) * imageStep;
        for (let c = 0; c < channels; c++, image += <usize>(height * width) << 2) {
          interleave(rows, image, imageStep, lanes, height, width, y0 - top, 6, left, rowColumns);
          planesOfInput(v + (<usize>(c * columns + first) << 2), vPlace, rows, vertical, tilesX);
        }
        const gradientStep = <usize>(outChannels * outHeight * outWidth) << 2;
        let gradient = dy + <usize>(group * LANES) * gradientStep;
        for (let o = 0; o < outChannels; o++, gradient += <usize>(outHeight * outWidth) << 2) {
          interleave(rows, gradient, gradientStep, lanes, outHeight, outWidth, y0, 4, 0, tilesX * 4);
          planesOfGradient(p + (<usize>(o * columns + first) << 2), pPlace, rows, vertical, tilesX);
        }
      }
      const vectors = count * tilesX;
      for (let place = 0; place < PLACES; place++) {
        addProducts(
          parts + <usize>part * partBytes + <usize>(place * outChannels * paddedChannels) * 4,
          p + <usize>place * pPlace, v + <usize>place * vPlace, <usize>columns << 2, outChannels, paddedChannels, vectors);
      }
    }
  }
}

/** Six interleaved rows → the 36 planes of a strip, a vector to each tile. */
function planesOfInput(v: usize, vPlace: usize, rows: usize, vertical: usize, tiles: i32): void {
  const rowBytes = <usize>(tiles * 4 + 2) << 4;
  for (let at: usize = 0; at < rowBytes; at += 16) transformInput(rows + at, rowBytes, vertical + at, rowBytes);
  for (let tile = 0; tile < tiles; tile++, v += 16) {
    let from = vertical + (<usize>tile << 6);
    for (let row: usize = 0; row < 6; row++, from += rowBytes) transformInput(from, 16, v + row * 6 * vPlace, vPlace);
  }
}

/** Four interleaved rows of a gradient → the 36 planes of a strip. */
function planesOfGradient(p: usize, pPlace: usize, rows: usize, vertical: usize, tiles: i32): void {
  const rowBytes = <usize>tiles << 6;
  for (let at: usize = 0; at < rowBytes; at += 16) transformGradient(rows + at, rowBytes, vertical + at, rowBytes);
  for (let tile = 0; tile < tiles; tile++, p += 16) {
    let from = vertical + (<usize>tile << 6);
    for (let row: usize = 0; row < 6; row++, from += rowBytes) transformGradient(from, 16, p + row * 6 * pPlace, pPlace);
  }
}

/** sum[o][c] += Σ p[o]·v[c] over `vectors` vectors, for all pairs: two rows and four columns at once. */
function addProducts(sum: usize, p: usize, v: usize, step: usize, outputs: i32, channels: i32, vectors: i32): void {
  const row = <usize>channels << 2;
  for (let o = 0; o < outputs; o += 2, p += 2 * step, sum += 2 * row) {
    let from = v;
    for (let c: usize = 0; c < row; c += 16, from += 4 * step) products2x4(sum + c, o + 1 < outputs ? row : 0, p, from, step, vectors);
  }
}

/** A row step of 0: there is only one row. */
function products2x4(sum: usize, rowStep: usize, p: usize, v: usize, step: usize, vectors: i32): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  const p1 = p + step;
  const v1 = v + step, v2 = v + 2 * step, v3 = v + 3 * step;
  const end = <usize>vectors << 4;
  let at: usize = 0;
  do {
    const a = v128.load(p + at), b = v128.load(p1 + at);
    const c = v128.load(v + at), d = v128.load(v1 + at);
    s00 = f32x4_madd(a, c, s00);
    s10 = f32x4_madd(b, c, s10);
    s01 = f32x4_madd(a, d, s01);
    s11 = f32x4_madd(b, d, s11);
    const e = v128.load(v2 + at), f = v128.load(v3 + at);
    s02 = f32x4_madd(a, e, s02);
    s12 = f32x4_madd(b, e, s12);
    s03 = f32x4_madd(a, f, s03);
    s13 = f32x4_madd(b, f, s13);
    at += 16;
  } while (at != end);
  v128.store(sum, f32x4.add(v128.load(sum), sumsOf(s00, s01, s02, s03)));
  if (rowStep != 0) v128.store(sum + rowStep, f32x4.add(v128.load(sum + rowStep), sumsOf(s10, s11, s12, s13)));
}

/** The sums over the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f64>(ab, cd, 0, 2), v128.shuffle<f64>(ab, cd, 1, 3));
}

/**
 * dWeight [O,C,3,3] = Gᵀ (Σ parts) G, output channels [begin, end).
 *
 * @work (end - begin) * channels * 300
 */
export function f32_winograd_filters_backward(dWeight: usize, parts: usize, images: i32, outChannels: i32, channels: i32, begin: i32, end: i32): void {
  const padded = (channels + 3) & ~3;
  const place = <usize>(outChannels * padded) << 2;
  const partCount = f32_winograd_parts(images);
  for (let o = begin; o < end; o++) {
    for (let c = 0; c < channels; c += 4) {
      const to = dWeight + <usize>(o * channels + c) * 36;
      fourFilters(to, parts + (<usize>(o * padded + c) << 2), place, partCount, min(channels - c, 4));
    }
  }
}

/** The kernels of up to four neighbouring input channels, one to a lane. */
function fourFilters(to: usize, from: usize, place: usize, partCount: i32, lanes: i32): void {
  for (let u: usize = 0; u < 3; u++) {
    let t0 = f32x4.splat(0), t1 = t0, t2 = t0;
    for (let column: usize = 0; column < 6; column++) {
      // One element of Gᵀ (Σ parts), row u.
      let sum = f32x4.splat(0);
      for (let row: usize = 0; row < 6; row++) {
        const weight = filterWeight(row, u);
        if (weight == 0) continue;
        let total = f32x4.splat(0);
        let at = from + (row * 6 + column) * place;
        for (let part = 0; part < partCount; part++, at += <usize>PLACES * place) total = f32x4.add(total, v128.load(at));
        sum = f32x4.add(sum, f32x4.mul(total, f32x4.splat(weight)));
      }
      t0 = f32x4.add(t0, f32x4.mul(sum, f32x4.splat(filterWeight(column, 0))));
      t1 = f32x4.add(t1, f32x4.mul(sum, f32x4.splat(filterWeight(column, 1))));
      t2 = f32x4.add(t2, f32x4.mul(sum, f32x4.splat(filterWeight(column, 2))));
    }
    storeLanes(to + u * 12, t0, lanes);
    storeLanes(to + u * 12 + 4, t1, lanes);
    storeLanes(to + u * 12 + 8, t2, lanes);
  }
}

/** Lane l to the same tap of kernel l. */
// @ts-ignore: decorator
@inline
function storeLanes(to: usize, values: v128, lanes: i32): void {
  store<f32>(to, f32x4.extract_lane(values, 0));
  if (lanes > 1) store<f32>(to, f32x4.extract_lane(values, 1), 36);
  if (lanes > 2) store<f32>(to, f32x4.extract_lane(values, 2), 72);
  if (lanes > 3) store<f32>(to, f32x4.extract_lane(values, 3), 108);
}

/** Element of G. */
function filterWeight(row: usize, column: usize): f32 {
  return filterRow(row, <f32>(column == 0), <f32>(column == 1), <f32>(column == 2), false);
}
