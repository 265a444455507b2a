import { f32x4_madd } from '../../simd/vector';

/*
 * Correlation of rows of four interleaved images with a list of taps: a tile of output channels × columns in registers,
 * 4 × 2, 2 × 4 or 1 × 8, at the right end of a row half of that and half again. Panels as in `panel.ts`, their taps
 * in the order kernel row, kernel column, input channel: the taps that meet only the border of zeros are then the first
 * or the last of all, or of each kernel row, and are left out.
 */

/** With fewer input channels, leaving out single kernel columns costs more than it saves. */
const CLIP_CHANNELS: i32 = 4;

/**
 * One row of outputs, `columns` of them, for the channels of one panel. Steps in bytes between channels (`plane`) and
 * columns (`outColumn`) of the output; `image` is where the offsets of the taps count from for the first output.
 *
 * @param firstRow, rows the kernel rows that meet the image
 * @param table for each of `tapColumns` kernel columns, ascending: its column of the image for an output at column 0
 * @param origin, step what an output at column j adds to that: origin + j·step
 */
export function correlateRow(
  out: usize, plane: usize, outColumn: usize, image: usize, panel: usize, channels: i32, columns: i32, firstRow: i32, rows: i32,
  tapColumns: i32, tapChannels: i32, table: usize, origin: i32, step: i32, width: i32,
): void {
  const columnBytes = tapChannels * (channels + 1) << 2;
  const rowBytes = tapColumns * columnBytes;
  const taps = panel + <usize>((channels << 2) + firstRow * rowBytes);
  const widest = 8 / channels;
  for (let column = 0; column < columns;) {
    let count = widest;
    while (count > columns - column) count >>= 1;
    let first = 0;
    let last = tapColumns;
    if (tapChannels >= CLIP_CHANNELS) {
      const left = origin + column * step;
      const right = left + (count - 1) * step;
      while (first < last && right + load<i32>(table + (<usize>first << 2)) < 0) first++;
      while (first < last && left + load<i32>(table + (<usize>last << 2) - 4) >= width) last--;
    }
    let length = (last - first) * columnBytes;
    let runs = rows;
    if (length == rowBytes) {
      length *= rows;
      runs = 1;
    }
    if (length == 0) runs = 0;
    const from = taps + <usize>(first * columnBytes);
    if (channels == 4) {
      if (count == 2) tile4x2(out, plane, outColumn, image, panel, from, rowBytes, length, runs);
      else tile4x1(out, plane, outColumn, image, panel, from, rowBytes, length, runs);
    } else if (channels == 2) {
      if (count == 4) tile2x4(out, plane, outColumn, image, panel, from, rowBytes, length, runs);
      else if (count == 2) tile2x2(out, plane, outColumn, image, panel, from, rowBytes, length, runs);
      else tile2x1(out, plane, outColumn, image, panel, from, rowBytes, length, runs);
    } else {
      if (count == 8) tile1x8(out, outColumn, image, panel, from, rowBytes, length, runs);
      else if (count == 4) tile1x4(out, outColumn, image, panel, from, rowBytes, length, runs);
      else if (count == 2) tile1x2(out, outColumn, image, panel, from, rowBytes, length, runs);
      else tile1x1(out, outColumn, image, panel, from, rowBytes, length, runs);
    }
    column += count;
    out += <usize>count * outColumn;
    image += <usize>count << 4;
  }
}

function tile4x2(out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile4(out, plane, outColumn, image, start, taps, rowBytes, length, runs, 2); }
function tile4x1(out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile4(out, plane, outColumn, image, start, taps, rowBytes, length, runs, 1); }
function tile2x4(out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile2(out, plane, outColumn, image, start, taps, rowBytes, length, runs, 4); }
function tile2x2(out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile2(out, plane, outColumn, image, start, taps, rowBytes, length, runs, 2); }
function tile2x1(out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile2(out, plane, outColumn, image, start, taps, rowBytes, length, runs, 1); }
function tile1x8(out: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile1(out, outColumn, image, start, taps, rowBytes, length, runs, 8); }
function tile1x4(out: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile1(out, outColumn, image, start, taps, rowBytes, length, runs, 4); }
function tile1x2(out: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile1(out, outColumn, image, start, taps, rowBytes, length, runs, 2); }
function tile1x1(out: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32): void { tile1(out, outColumn, image, start, taps, rowBytes, length, runs, 1); }

/** Sums `length` bytes of taps from each of `runs` kernel rows, which are `rowBytes` apart. */
// @ts-ignore: decorator
@inline
function tile4(out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32, columns: i32): void {
  let c00 = v128.load32_splat(start), c01 = c00, c10 = v128.load32_splat(start, 4), c11 = c10;
  let c20 = v128.load32_splat(start, 8), c21 = c20, c30 = v128.load32_splat(start, 12), c31 = c30;
  for (; runs > 0; runs--, taps += rowBytes) {
    let tap = taps;
    const end = taps + length;
    do {
      const at = image + load<u32>(tap, 16);
      const x0 = v128.load(at);
      const x1 = columns > 1 ? v128.load(at, 16) : x0;
      const w0 = v128.load32_splat(tap);
      c00 = f32x4_madd(w0, x0, c00);
      if (columns > 1) c01 = f32x4_madd(w0, x1, c01);
      const w1 = v128.load32_splat(tap, 4);
      c10 = f32x4_madd(w1, x0, c10);
      if (columns > 1) c11 = f32x4_madd(w1, x1, c11);
      const w2 = v128.load32_splat(tap, 8);
      c20 = f32x4_madd(w2, x0, c20);
      if (columns > 1) c21 = f32x4_madd(w2, x1, c21);
      const w3 = v128.load32_splat(tap, 12);
      c30 = f32x4_madd(w3, x0, c30);
      if (columns > 1) c31 = f32x4_madd(w3, x1, c31);
      tap += 20;
    } while (tap != end);
  }
  v128.store(out, c00);
  v128.store(out + plane, c10);
  v128.store(out + 2 * plane, c20);
  v128.store(out + 3 * plane, c30);
  if (columns > 1) {
    out += outColumn;
    v128.store(out, c01);
    v128.store(out + plane, c11);
    v128.store(out + 2 * plane, c21);
    v128.store(out + 3 * plane, c31);
  }
}

// @ts-ignore: decorator
@inline
function tile2(out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32, columns: i32): void {
  let c00 = v128.load32_splat(start), c01 = c00, c02 = c00, c03 = c00;
  let c10 = v128.load32_splat(start, 4), c11 = c10, c12 = c10, c13 = c10;
  for (; runs > 0; runs--, taps += rowBytes) {
    let tap = taps;
    const end = taps + length;
    do {
      const at = image + load<u32>(tap, 8);
      const w0 = v128.load32_splat(tap), w1 = v128.load32_splat(tap, 4);
      const x0 = v128.load(at);
      c00 = f32x4_madd(w0, x0, c00);
      c10 = f32x4_madd(w1, x0, c10);
      if (columns > 1) {
        const x1 = v128.load(at, 16);
        c01 = f32x4_madd(w0, x1, c01);
        c11 = f32x4_madd(w1, x1, c11);
      }
      if (columns > 2) {
        const x2 = v128.load(at, 32);
        c02 = f32x4_madd(w0, x2, c02);
        c12 = f32x4_madd(w1, x2, c12);
        const x3 = v128.load(at, 48);
        c03 = f32x4_madd(w0, x3, c03);
        c13 = f32x4_madd(w1, x3, c13);
      }
      tap += 12;
    } while (tap != end);
  }
  v128.store(out, c00);
  v128.store(out + plane, c10);
  if (columns > 1) {
    out += outColumn;
    v128.store(out, c01);
    v128.store(out + plane, c11);
  }
  if (columns > 2) {
    out += outColumn;
    v128.store(out, c02);
    v128.store(out + plane, c12);
    out += outColumn;
    v128.store(out, c03);
    v128.store(out + plane, c13);
  }
}

// @ts-ignore: decorator
@inline
function tile1(out: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, runs: i32, columns: i32): void {
  let c0 = v128.load32_splat(start), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  for (; runs > 0; runs--, taps += rowBytes) {
    let tap = taps;
    const end = taps + length;
    do {
      const at = image + load<u32>(tap, 4);
      const w = v128.load32_splat(tap);
      c0 = f32x4_madd(w, v128.load(at), c0);
      if (columns > 1) c1 = f32x4_madd(w, v128.load(at, 16), c1);
      if (columns > 2) {
        c2 = f32x4_madd(w, v128.load(at, 32), c2);
        c3 = f32x4_madd(w, v128.load(at, 48), c3);
      }
      if (columns > 4) {
        c4 = f32x4_madd(w, v128.load(at, 64), c4);
        c5 = f32x4_madd(w, v128.load(at, 80), c5);
        c6 = f32x4_madd(w, v128.load(at, 96), c6);
        c7 = f32x4_madd(w, v128.load(at, 112), c7);
      }
      tap += 8;
    } while (tap != end);
  }
  v128.store(out, c0);
  if (columns > 1) v128.store(out + outColumn, c1);
  if (columns > 2) {
    v128.store(out + 2 * outColumn, c2);
    v128.store(out + 3 * outColumn, c3);
  }
  if (columns > 4) {
    v128.store(out + 4 * outColumn, c4);
    v128.store(out + 5 * outColumn, c5);
    v128.store(out + 6 * outColumn, c6);
    v128.store(out + 7 * outColumn, c7);
  }
}
