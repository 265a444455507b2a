/* The sums of `backward_weight.ts` in the wide kernels: two or four rows of the weight at a time, in pairs. */
import { f32x4_madd } from '../../simd/vector';
import { WIDE } from '../../simd/width';
import { addSum, addSums } from './lane_sums';

/** Floats in which sums are kept before their lanes are added. */
export const PAIR_SUMS_SIZE: i32 = WIDE ? 64 : 0;

export function pairs4x4(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
  sums: usize,
): void {
  sumPairs(to, weightRow, panel, image, offsets, imageRow, rows, columns, sums, 4, 4);
}
export function pairs4x2(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
  sums: usize,
): void {
  sumPairs(to, weightRow, panel, image, offsets, imageRow, rows, columns, sums, 4, 2);
}
export function pairs2x4(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
  sums: usize,
): void {
  sumPairs(to, weightRow, panel, image, offsets, imageRow, rows, columns, sums, 2, 4);
}

/**
 * Adds the sums over one band to two or four rows × two or four taps of dWeight. The rows stand side by side in a
 * panel, so their sums are pairs. They go to `sums`, a tap after the other, from where lanes are added.
 */
// @ts-ignore: decorator
@inline
function sumPairs(
  to: usize, weightRow: usize, panel: usize, image: usize, offsets: usize, imageRow: usize, rows: i32, columns: i32,
  sums: usize, channels: i32, taps: i32,
): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  let s20 = s00, s21 = s00, s22 = s00, s23 = s00, s30 = s00, s31 = s00, s32 = s00, s33 = s00;
  let x0 = image + load<u32>(offsets), x1 = image + load<u32>(offsets, 4);
  let x2 = taps > 2 ? image + load<u32>(offsets, 8) : x0, x3 = taps > 2 ? image + load<u32>(offsets, 12) : x0;
  const width = <usize>columns << 4;
  do {
    let at: usize = 0;
    do {
      const d0 = v128.load(panel), d1 = v128.load(panel, 16);
      const d2 = channels > 2 ? v128.load(panel, 32) : d0, d3 = channels > 2 ? v128.load(panel, 48) : d0;
      const v0 = v128.load(x0 + at);
      s00 = f32x4_madd(d0, v0, s00), s10 = f32x4_madd(d1, v0, s10);
      if (channels > 2) s20 = f32x4_madd(d2, v0, s20), s30 = f32x4_madd(d3, v0, s30);
      const v1 = v128.load(x1 + at);
      s01 = f32x4_madd(d0, v1, s01), s11 = f32x4_madd(d1, v1, s11);
      if (channels > 2) s21 = f32x4_madd(d2, v1, s21), s31 = f32x4_madd(d3, v1, s31);
      if (taps > 2) {
        const v2 = v128.load(x2 + at);
        s02 = f32x4_madd(d0, v2, s02), s12 = f32x4_madd(d1, v2, s12);
        if (channels > 2) s22 = f32x4_madd(d2, v2, s22), s32 = f32x4_madd(d3, v2, s32);
        const v3 = v128.load(x3 + at);
        s03 = f32x4_madd(d0, v3, s03), s13 = f32x4_madd(d1, v3, s13);
        if (channels > 2) s23 = f32x4_madd(d2, v3, s23), s33 = f32x4_madd(d3, v3, s33);
      }
      panel += channels << 4;
      at += 16;
    } while (at != width);
    x0 += imageRow;
    x1 += imageRow;
    if (taps > 2) {
      x2 += imageRow;
      x3 += imageRow;
    }
  } while (--rows != 0);
  storeFour(sums, s00, s10, s20, s30, channels);
  storeFour(sums + 64, s01, s11, s21, s31, channels);
  if (taps > 2) {
    storeFour(sums + 128, s02, s12, s22, s32, channels);
    storeFour(sums + 192, s03, s13, s23, s33, channels);
  }
  for (let tap = 0; tap < taps; tap++, to += 4, sums += 64) {
    if (channels > 2) {
      addSums(to, weightRow, v128.load(sums), v128.load(sums, 16), v128.load(sums, 32), v128.load(sums, 48));
    } else {
      addSum(to, v128.load(sums));
      addSum(to + weightRow, v128.load(sums, 16));
    }
  }
}

// @ts-ignore: decorator
@inline
function storeFour(to: usize, a: v128, b: v128, c: v128, d: v128, count: i32): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  if (count > 2) v128.store(to, c, 32), v128.store(to, d, 48);
}
