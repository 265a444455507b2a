import { assertShare, assertWords } from '../../assert';
import { transposedRow } from '../../simd/transpose';
import { WIDE } from '../../simd/width';
import { assertConvShape, ConvShape } from '../shape';
import { inGroups, placeBytes, PLACES } from './blocks';

/** Floats of U, the transformed kernels. */
export function f32_conv2d_winograd_filters_size(shape: ConvShape): i32 {
  return PLACES * <i32>placeBytes(shape.channels, inGroups(shape.outChannels)) / 4;
}

/**
 * U [36][channels][outChannels rounded up to groups] = G g Gᵀ for all pairs of channels, input channels [begin, end).
 *
 * weight [outChannels, channels, 3, 3]; with `turned` it is that of the convolution whose gradient this is, [channels,
 * outChannels, 3, 3], and g is turned by 180°.
 *
 * @work (end - begin) * shape.outChannels * 100
 */
export function f32_conv2d_winograd_filters(
  u: usize, weight: usize, shape: ConvShape, turned: bool, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertWords(u | weight);
  const inputs = shape.channels, outputs = shape.outChannels;
  const padded = inGroups(outputs);
  const place = placeBytes(inputs, padded);
  const inputStep: usize = turned ? <usize>outputs * 36 : 36;
  const outputStep: usize = turned ? 36 : <usize>inputs * 36;
  for (let i = begin; i < end; i++) {
    let to = u + (<usize>(i * padded) << 2);
    let from = weight + <usize>i * inputStep;
    for (let o = 0; o < outputs; o += 4, to += 16, from += outputStep << 2) {
      transformFilters(to, place, from, outputStep, outputs - o, turned);
      if (WIDE && outputs - o <= 4 && (o & 4) == 0) clearFilters(to + 16, place);
    }
  }
}

/** The second half of a group of which no channel is there: numbers that products are quick with. */
function clearFilters(to: usize, place: usize): void {
  for (let i = 0; i < PLACES; i++, to += place) v128.store(to, f32x4.splat(0));
}

/** Four kernels, one to a lane; where there are fewer, the last of them fills the other lanes. */
// @ts-ignore: decorator
@inline
function transformFilters(to: usize, place: usize, from: usize, step: usize, lanes: i32, turned: bool): void {
  const from1 = lanes > 1 ? from + step : from, from2 = lanes > 2 ? from1 + step : from1;
  const from3 = lanes > 3 ? from2 + step : from2;
  let r0 = v128.load(from), r1 = v128.load(from1), r2 = v128.load(from2), r3 = v128.load(from3);
  const g0 = transposedRow(0, r0, r1, r2, r3), g1 = transposedRow(1, r0, r1, r2, r3);
  const g2 = transposedRow(2, r0, r1, r2, r3), g3 = transposedRow(3, r0, r1, r2, r3);
  r0 = v128.load(from, 16), r1 = v128.load(from1, 16), r2 = v128.load(from2, 16), r3 = v128.load(from3, 16);
  const g4 = transposedRow(0, r0, r1, r2, r3), g5 = transposedRow(1, r0, r1, r2, r3);
  const g6 = transposedRow(2, r0, r1, r2, r3), g7 = transposedRow(3, r0, r1, r2, r3);
  let g8 = v128.load32_zero(from, 32);
  g8 = v128.load_lane<f32>(from1, g8, 1, 32);
  g8 = v128.load_lane<f32>(from2, g8, 2, 32);
  g8 = v128.load_lane<f32>(from3, g8, 3, 32);
  if (turned) rowsOfFilters(to, place, g8, g7, g6, g5, g4, g3, g2, g1, g0);
  else rowsOfFilters(to, place, g0, g1, g2, g3, g4, g5, g6, g7, g8);
}

/** G times the 3×3 kernel, a row of 3 at a time, then that row times Gᵀ. */
function rowsOfFilters(
  to: usize, place: usize, g0: v128, g1: v128, g2: v128, g3: v128, g4: v128, g5: v128, g6: v128, g7: v128, g8: v128,
): void {
  const row = place * 6;
  const quarter = f32x4.splat(0.25), sixth = f32x4.splat(-1.0 / 6.0), twentyFourth = f32x4.splat(1.0 / 24.0);
  const two = f32x4.splat(2), four = f32x4.splat(4);
  storeRow(to, place, f32x4.mul(g0, quarter), f32x4.mul(g1, quarter), f32x4.mul(g2, quarter));
  storeRow(to + 5 * row, place, g6, g7, g8);
  const a = f32x4.add(g0, g6), b = f32x4.add(g1, g7), c = f32x4.add(g2, g8);
  storeRow(
    to + row, place, f32x4.mul(f32x4.add(a, g3), sixth), f32x4.mul(f32x4.add(b, g4), sixth),
    f32x4.mul(f32x4.add(c, g5), sixth));
  storeRow(
    to + 2 * row, place, f32x4.mul(f32x4.sub(a, g3), sixth), f32x4.mul(f32x4.sub(b, g4), sixth),
    f32x4.mul(f32x4.sub(c, g5), sixth));
  const d = f32x4.add(g0, f32x4.mul(four, g6)), e = f32x4.add(g1, f32x4.mul(four, g7));
  const f = f32x4.add(g2, f32x4.mul(four, g8));
  const x = f32x4.mul(two, g3), y = f32x4.mul(two, g4), z = f32x4.mul(two, g5);
  storeRow(
    to + 3 * row, place, f32x4.mul(f32x4.add(d, x), twentyFourth), f32x4.mul(f32x4.add(e, y), twentyFourth),
    f32x4.mul(f32x4.add(f, z), twentyFourth));
  storeRow(
    to + 4 * row, place, f32x4.mul(f32x4.sub(d, x), twentyFourth), f32x4.mul(f32x4.sub(e, y), twentyFourth),
    f32x4.mul(f32x4.sub(f, z), twentyFourth));
}

/** The row (a, b, c) times Gᵀ. */
// @ts-ignore: decorator
@inline
function storeRow(to: usize, place: usize, a: v128, b: v128, c: v128): void {
  const sixth = f32x4.splat(-1.0 / 6.0), twentyFourth = f32x4.splat(1.0 / 24.0);
  v128.store(to, f32x4.mul(a, f32x4.splat(0.25)));
  v128.store(to + 5 * place, c);
  const outer = f32x4.add(a, c);
  v128.store(to + place, f32x4.mul(f32x4.add(outer, b), sixth));
  v128.store(to + 2 * place, f32x4.mul(f32x4.sub(outer, b), sixth));
  const outer4 = f32x4.add(a, f32x4.mul(f32x4.splat(4), c)), twice = f32x4.mul(f32x4.splat(2), b);
  v128.store(to + 3 * place, f32x4.mul(f32x4.add(outer4, twice), twentyFourth));
  v128.store(to + 4 * place, f32x4.mul(f32x4.sub(outer4, twice), twentyFourth));
}
