import { f32x4_madd } from '../../simd/vector';
import { isBlank } from './blank';

/*
 * Correlation of a padded image with a list of taps, for up to four output channels at once:
 *
 *     out[o,y,x] = start[o] + Σ_taps weight[o,tap] · image[offset(tap) + y·imageRow + x]
 *
 * Panels as in `panel.ts`. Every output is summed by itself in the order of the taps, starting from `start`: its bits
 * depend on neither the tile nor the panel it is in.
 * Outputs below `low` become `low`: 0 for a ReLU (as `f32_relu_forward`: NaN and −0 stay), else −∞.
 */

/** Columns that one tile covers: padded images have zeros up to a multiple of it. */
export const TILE_WIDTH: i32 = 8;
/** Floats of the tile in which rows are computed that are shorter than a tile, or whose outputs are not side by side. */
export const EDGE_SIZE: i32 = 32;

/** A tile of channels × 4·vectors columns in registers. `plane`: bytes between channels of the output. */
// @ts-ignore: decorator
@inline
function tile(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32, channels: i32, vectors: i32): void {
  let c00 = v128.load32_splat(panel), c01 = c00;
  let c10 = channels > 1 ? v128.load32_splat(panel, 4) : c00, c11 = c10;
  let c20 = channels > 2 ? v128.load32_splat(panel, 8) : c00, c21 = c20;
  let c30 = channels > 2 ? v128.load32_splat(panel, 12) : c00, c31 = c30;
  panel += channels << 2;
  const end = panel + <usize>(taps * (channels + 1) << 2);
  if (panel != end) {
    do {
      const at = image + load<u32>(panel + (channels << 2));
      const x0 = v128.load(at);
      const x1 = vectors > 1 ? v128.load(at, 16) : x0;
      const w0 = v128.load32_splat(panel);
      c00 = f32x4_madd(w0, x0, c00);
      if (vectors > 1) c01 = f32x4_madd(w0, x1, c01);
      if (channels > 1) {
        const w1 = v128.load32_splat(panel, 4);
        c10 = f32x4_madd(w1, x0, c10);
        if (vectors > 1) c11 = f32x4_madd(w1, x1, c11);
      }
      if (channels > 2) {
        const w2 = v128.load32_splat(panel, 8);
        c20 = f32x4_madd(w2, x0, c20);
        if (vectors > 1) c21 = f32x4_madd(w2, x1, c21);
        const w3 = v128.load32_splat(panel, 12);
        c30 = f32x4_madd(w3, x0, c30);
        if (vectors > 1) c31 = f32x4_madd(w3, x1, c31);
      }
      panel += (channels + 1) << 2;
    } while (panel != end);
  }
  const floor = f32x4.splat(low);
  v128.store(out, f32x4.pmax(c00, floor));
  if (vectors > 1) v128.store(out, f32x4.pmax(c01, floor), 16);
  if (channels > 1) {
    out += plane;
    v128.store(out, f32x4.pmax(c10, floor));
    if (vectors > 1) v128.store(out, f32x4.pmax(c11, floor), 16);
  }
  if (channels > 2) {
    out += plane;
    v128.store(out, f32x4.pmax(c20, floor));
    if (vectors > 1) v128.store(out, f32x4.pmax(c21, floor), 16);
    out += plane;
    v128.store(out, f32x4.pmax(c30, floor));
    if (vectors > 1) v128.store(out, f32x4.pmax(c31, floor), 16);
  }
}

/** The same for one or two channels × 16 columns, which have too few sums in 8 to keep both adders busy. */
// @ts-ignore: decorator
@inline
function wideTile(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32, channels: i32): void {
  let c00 = v128.load32_splat(panel), c01 = c00, c02 = c00, c03 = c00;
  let c10 = channels > 1 ? v128.load32_splat(panel, 4) : c00, c11 = c10, c12 = c10, c13 = c10;
  panel += channels << 2;
  const end = panel + <usize>(taps * (channels + 1) << 2);
  if (panel != end) {
    do {
      const at = image + load<u32>(panel + (channels << 2));
      const w0 = v128.load32_splat(panel);
      const w1 = channels > 1 ? v128.load32_splat(panel, 4) : w0;
      const x0 = v128.load(at);
      c00 = f32x4_madd(w0, x0, c00);
      if (channels > 1) c10 = f32x4_madd(w1, x0, c10);
      const x1 = v128.load(at, 16);
      c01 = f32x4_madd(w0, x1, c01);
      if (channels > 1) c11 = f32x4_madd(w1, x1, c11);
      const x2 = v128.load(at, 32);
      c02 = f32x4_madd(w0, x2, c02);
      if (channels > 1) c12 = f32x4_madd(w1, x2, c12);
      const x3 = v128.load(at, 48);
      c03 = f32x4_madd(w0, x3, c03);
      if (channels > 1) c13 = f32x4_madd(w1, x3, c13);
      panel += (channels + 1) << 2;
    } while (panel != end);
  }
  const floor = f32x4.splat(low);
  v128.store(out, f32x4.pmax(c00, floor));
  v128.store(out, f32x4.pmax(c01, floor), 16);
  v128.store(out, f32x4.pmax(c02, floor), 32);
  v128.store(out, f32x4.pmax(c03, floor), 48);
  if (channels > 1) {
    out += plane;
    v128.store(out, f32x4.pmax(c10, floor));
    v128.store(out, f32x4.pmax(c11, floor), 16);
    v128.store(out, f32x4.pmax(c12, floor), 32);
    v128.store(out, f32x4.pmax(c13, floor), 48);
  }
}

/**
 * One channel × 4·vectors columns, 20 to 32 of them, for the same reason; it reads 32. (The branches are never taken: they
 * keep V8 of Node 20 from loading all eight vectors before it adds the first, which spills.)
 */
function tile1x32(out: usize, image: usize, panel: usize, taps: i32, low: f32, vectors: i32): void {
  let c0 = v128.load32_splat(panel), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  panel += 4;
  const end = panel + (<usize>taps << 3);
  if (panel != end) {
    do {
      const at = image + load<u32>(panel, 4);
      const w = v128.load32_splat(panel);
      c0 = f32x4_madd(w, v128.load(at), c0);
      c1 = f32x4_madd(w, v128.load(at, 16), c1);
      c2 = f32x4_madd(w, v128.load(at, 32), c2);
      if (at == 1) break;
      c3 = f32x4_madd(w, v128.load(at, 48), c3);
      c4 = f32x4_madd(w, v128.load(at, 64), c4);
      c5 = f32x4_madd(w, v128.load(at, 80), c5);
      if (at == 1) break;
      c6 = f32x4_madd(w, v128.load(at, 96), c6);
      c7 = f32x4_madd(w, v128.load(at, 112), c7);
      panel += 8;
    } while (panel != end);
  }
  const floor = f32x4.splat(low);
  v128.store(out, f32x4.pmax(c0, floor));
  v128.store(out, f32x4.pmax(c1, floor), 16);
  v128.store(out, f32x4.pmax(c2, floor), 32);
  v128.store(out, f32x4.pmax(c3, floor), 48);
  v128.store(out, f32x4.pmax(c4, floor), 64);
  if (vectors > 5) v128.store(out, f32x4.pmax(c5, floor), 80);
  if (vectors > 6) v128.store(out, f32x4.pmax(c6, floor), 96);
  if (vectors > 7) v128.store(out, f32x4.pmax(c7, floor), 112);
}

function tile2x16(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { wideTile(out, plane, image, panel, taps, low, 2); }
function tile1x16(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { wideTile(out, plane, image, panel, taps, low, 1); }
function tile4x8(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { tile(out, plane, image, panel, taps, low, 4, 2); }
function tile4x4(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { tile(out, plane, image, panel, taps, low, 4, 1); }
function tile2x8(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { tile(out, plane, image, panel, taps, low, 2, 2); }
function tile2x4(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { tile(out, plane, image, panel, taps, low, 2, 1); }
function tile1x8(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { tile(out, plane, image, panel, taps, low, 1, 2); }
function tile1x4(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void { tile(out, plane, image, panel, taps, low, 1, 1); }

function eightColumns(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32, channels: i32): void {
  if (channels == 4) tile4x8(out, plane, image, panel, taps, low);
  else if (channels == 2) tile2x8(out, plane, image, panel, taps, low);
  else tile1x8(out, plane, image, panel, taps, low);
}

function fourColumns(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32, channels: i32): void {
  if (channels == 4) tile4x4(out, plane, image, panel, taps, low);
  else if (channels == 2) tile2x4(out, plane, image, panel, taps, low);
  else tile1x4(out, plane, image, panel, taps, low);
}

/**
 * Computes rows × columns outputs of each channel of a panel. Steps in bytes: between channels (`plane`), rows (`outRow`)
 * and columns (`outColumn`) of the output, and between the image's rows that belong to neighbouring rows of the output.
 *
 * @param masks where the image is blank (`blank.ts`), one integer for each row, or address 0; tiles there take no taps
 * @param reach columns that the taps reach past the first
 */
export function correlate(
  out: usize, plane: usize, outRow: usize, outColumn: usize, image: usize, imageRow: usize, panel: usize, taps: i32, channels: i32,
  rows: i32, columns: i32, edge: usize, low: f32 = -Infinity, masks: usize = 0, reach: i32 = 0,
): void {
  for (let row = 0; row < rows; row++, out += outRow, image += imageRow) {
    const mask: u32 = masks != 0 ? load<u32>(masks + (<usize>row << 2)) : 0xffffffff;
    let column = 0;
    let to = out;
    let from = image;
    if (outColumn == 4) {
      if (channels == 1) {
        for (; column + 20 <= columns;) {
          const vectors = min((columns - column) >> 2, 8);
          tile1x32(to, from, panel, isBlank(mask, column, (vectors << 2) + reach) ? 0 : taps, low, vectors);
          column += vectors << 2;
          to += vectors << 4;
          from += vectors << 4;
        }
      }
      if (channels < 4) {
        for (; column + 16 <= columns; column += 16, to += 64, from += 64) {
          const used = isBlank(mask, column, 16 + reach) ? 0 : taps;
          if (channels == 2) tile2x16(to, plane, from, panel, used, low);
          else tile1x16(to, plane, from, panel, used, low);
        }
      }
      for (; column + 8 <= columns; column += 8, to += 32, from += 32) {
        eightColumns(to, plane, from, panel, isBlank(mask, column, 8 + reach) ? 0 : taps, low, channels);
      }
      if (column == columns) continue;
      // The rest is the end of a tile that begins earlier, and computes some outputs a second time, to the same bits.
      const width = columns - column <= 4 ? 4 : 8;
      if (width <= columns) {
        const back = <usize>(column + width - columns) << 2;
        const used = isBlank(mask, columns - width, width + reach) ? 0 : taps;
        if (width == 4) fourColumns(to - back, plane, from - back, panel, used, low, channels);
        else eightColumns(to - back, plane, from - back, panel, used, low, channels);
        continue;
      }
    }
    for (; column < columns; column += 8, to += 8 * outColumn, from += 32) {
      const count = min(8, columns - column);
      if (count <= 4) fourColumns(edge, 32, from, panel, taps, low, channels);
      else eightColumns(edge, 32, from, panel, taps, low, channels);
      scatter(to, plane, outColumn, edge, count, channels);
    }
  }
}

/** Copies `count` columns of the edge tile to the output. */
function scatter(out: usize, plane: usize, outColumn: usize, edge: usize, count: i32, channels: i32): void {
  for (let channel = 0; channel < channels; channel++, out += plane, edge += 32) {
    let to = out;
    let from = edge;
    for (let i = 0; i < count; i++, to += outColumn, from += 4) store<f32>(to, load<f32>(from));
  }
}
