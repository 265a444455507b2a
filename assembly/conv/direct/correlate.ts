import { storeVectorAt, tile } from '../../simd/tile';
import { WIDE } from '../../simd/width';
import { PanelOperands } from '../panel';
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

/** Taps of a padded image: a tile is output channels × columns. */
abstract class Taps extends PanelOperands {
  @inline inBlocks(): bool { return false; }
  @inline store(to: usize, step: usize, _vectorStep: usize, row: i32, vector: i32, sum: v128, floor: v128): void {
    storeVectorAt(to + <usize>row * step, vector, f32x4.pmax(sum, floor));
  }
}

/** Up to eight columns, or 16 of four channels. */
class NarrowTaps extends Taps {
  @inline vectorsInside(): bool { return true; }
  @inline parted(): bool { return false; }
}

/** 16 columns of one or two channels, which have too few sums in 8 to keep both adders busy. */
class WideTaps extends Taps {
  @inline vectorsInside(): bool { return false; }
  @inline parted(): bool { return false; }
}

/** 20 to 32 columns of one channel, for the same reason: `step` is the number of vectors that are written, 5 to 8. */
class LongTaps extends PanelOperands {
  @inline inBlocks(): bool { return false; }
  @inline vectorsInside(): bool { return false; }
  @inline parted(): bool { return true; }
  @inline store(to: usize, step: usize, _vectorStep: usize, _row: i32, vector: i32, sum: v128, floor: v128): void {
    if (vector < 5 || step > <usize>vector) storeVectorAt(to, vector, f32x4.pmax(sum, floor));
  }
}

// @ts-ignore: decorator
@inline
function sumTaps<T extends PanelOperands>(
  out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32, channels: i32, vectors: i32,
): void {
  const bytes = <usize>(taps * (channels + 1) << 2);
  tile<T>(channels, vectors, out, plane, 16, low, panel, 0, panel + (channels << 2), image, 0, bytes);
}

/** One channel × 4·vectors columns, 20 to 32 of them; it reads 32. */
function tile1x32(out: usize, image: usize, panel: usize, taps: i32, low: f32, vectors: i32): void {
  sumTaps<LongTaps>(out, vectors, image, panel, taps, low, 1, 8);
}

/** 16 columns of four channels: too many sums for vectors of 128 bits. */
function tile4x16(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void {
  sumTaps<NarrowTaps>(out, plane, image, panel, taps, low, 4, 4);
}

function tile2x16(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void {
  sumTaps<WideTaps>(out, plane, image, panel, taps, low, 2, 4);
}

function tile1x16(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32): void {
  sumTaps<WideTaps>(out, plane, image, panel, taps, low, 1, 4);
}

function eightColumns(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32, channels: i32): void {
  if (channels == 4) sumTaps<NarrowTaps>(out, plane, image, panel, taps, low, 4, 2);
  else if (channels == 2) sumTaps<NarrowTaps>(out, plane, image, panel, taps, low, 2, 2);
  else sumTaps<NarrowTaps>(out, plane, image, panel, taps, low, 1, 2);
}

function fourColumns(out: usize, plane: usize, image: usize, panel: usize, taps: i32, low: f32, channels: i32): void {
  if (channels == 4) sumTaps<NarrowTaps>(out, plane, image, panel, taps, low, 4, 1);
  else if (channels == 2) sumTaps<NarrowTaps>(out, plane, image, panel, taps, low, 2, 1);
  else sumTaps<NarrowTaps>(out, plane, image, panel, taps, low, 1, 1);
}

/**
 * Computes rows × columns outputs of each channel of a panel. Steps in bytes: between channels (`plane`), rows
 * (`outRow`) and columns (`outColumn`) of the output, and between the image's rows that belong to neighbouring rows of
 * the output.
 *
 * @param masks where the image is blank (`blank.ts`), one integer for each row, or address 0; tiles there take no taps
 * @param extent columns that the taps extend past the first
 */
export function correlate(
  out: usize, plane: usize, outRow: usize, outColumn: usize, image: usize, imageRow: usize, panel: usize, taps: i32,
  channels: i32,
  rows: i32, columns: i32, edge: usize, low: f32 = -Infinity, masks: usize = 0, extent: i32 = 0,
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
          tile1x32(to, from, panel, isBlank(mask, column, (vectors << 2) + extent) ? 0 : taps, low, vectors);
          column += vectors << 2;
          to += vectors << 4;
          from += vectors << 4;
        }
      }
      if (WIDE || channels < 4) {
        for (; column + 16 <= columns; column += 16, to += 64, from += 64) {
          const used = isBlank(mask, column, 16 + extent) ? 0 : taps;
          if (WIDE && channels == 4) tile4x16(to, plane, from, panel, used, low);
          else if (channels == 2) tile2x16(to, plane, from, panel, used, low);
          else tile1x16(to, plane, from, panel, used, low);
        }
      }
      for (; column + 8 <= columns; column += 8, to += 32, from += 32) {
        eightColumns(to, plane, from, panel, isBlank(mask, column, 8 + extent) ? 0 : taps, low, channels);
      }
      if (column == columns) continue;
      // The rest is the end of a tile that begins earlier, and computes some outputs a second time, to the same bits.
      const width = columns - column <= 4 ? 4 : 8;
      if (width <= columns) {
        const back = <usize>(column + width - columns) << 2;
        const used = isBlank(mask, columns - width, width + extent) ? 0 : taps;
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
