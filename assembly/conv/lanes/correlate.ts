import { storeVectorAt, tile } from '../../simd/tile';
import { WIDE } from '../../simd/width';
import { PanelOperands } from '../panel';
import { CLIP_CHANNELS } from '../tuning';

/*
 * Correlation of rows of four interleaved images with a list of taps: a tile of output channels × columns in registers,
 * 4 × 2, 2 × 4 or 1 × 8, at the right end of a row half of that and half again. Panels as in `panel.ts`, their taps
 * in the order kernel row, kernel column, input channel: the taps that meet only the border of zeros are then the first
 * or the last of all, or of each kernel row, and are left out.
 */

/**
 * One row of outputs, `columns` of them, for the channels of one panel. Steps in bytes between channels (`plane`) and
 * columns (`outColumn`) of the output; `image` is where the offsets of the taps count from for the first output.
 *
 * @param firstRow, rows the kernel rows that meet the image
 * @param table for each of `tapColumns` kernel columns, ascending: its column of the image for an output at column 0
 * @param origin, step what an output at column j adds to that: origin + j·step
 */
export function correlateRow(
  out: usize, plane: usize, outColumn: usize, image: usize, panel: usize, channels: i32, columns: i32, firstRow: i32,
  rows: i32,
  tapColumns: i32, tapChannels: i32, table: usize, origin: i32, step: i32, width: i32,
): void {
  const columnBytes = tapChannels * (channels + 1) << 2;
  const rowBytes = <usize>(tapColumns * columnBytes);
  const taps = panel + (channels << 2) + <usize>firstRow * rowBytes;
  const widest = 8 / channels;
  for (let column = 0; column < columns;) {
    let count = widest;
    while (count > columns - column) count >>= 1;
    let first = 0;
    let last = tapColumns;
    const left = origin + column * step;
    if (tapChannels >= CLIP_CHANNELS) {
      const right = left + (count - 1) * step;
      while (first < last && right + load<i32>(table + (<usize>first << 2)) < 0) first++;
      while (first < last && left + load<i32>(table + (<usize>last << 2) - 4) >= width) last--;
    }
    const unclipped = first == 0 && last == tapColumns;
    if (WIDE && outColumn == 16 && channels != 2 && 2 * widest <= columns - column && unclipped) {
      // Twice as many, unless taps of the right half are left out: what is left out is the same in all kernels.
      const right = left + widest * step;
      if (tapChannels < CLIP_CHANNELS || right + load<i32>(table + (<usize>last << 2) - 4) < width) count = 2 * widest;
    }
    let length = <usize>((last - first) * columnBytes);
    let blocks = rows;
    if (length == rowBytes) {
      length *= rows;
      blocks = 1;
    }
    if (length == 0) blocks = 0;
    const from = taps + <usize>(first * columnBytes);
    if (WIDE && outColumn == 16 && count * channels > 4) {
      // Neighbours, whose places the loads and stores name: those alone can be joined.
      if (channels == 4 && count == 4) adjacent4x4(out, plane, image, panel, from, rowBytes, length, blocks);
      else if (channels == 4) adjacent4x2(out, plane, image, panel, from, rowBytes, length, blocks);
      else if (channels == 2) adjacent2x4(out, plane, image, panel, from, rowBytes, length, blocks);
      else if (count == 16) adjacent1x16(out, plane, image, panel, from, rowBytes, length, blocks);
      else adjacent1x8(out, plane, image, panel, from, rowBytes, length, blocks);
    } else if (channels == 4) {
      if (count == 2) tile4x2(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
      else tile4x1(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
    } else if (channels == 2) {
      if (count == 4) tile2x4(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
      else if (count == 2) tile2x2(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
      else tile2x1(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
    } else {
      if (count == 8) tile1x8(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
      else if (count == 4) tile1x4(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
      else if (count == 2) tile1x2(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
      else tile1x1(out, plane, outColumn, image, panel, from, rowBytes, length, blocks);
    }
    column += count;
    out += <usize>count * outColumn;
    image += <usize>count << 4;
  }
}

/** Taps of a row of interleaved images: a tile is output channels × columns, which are vectors. */
abstract class Taps extends PanelOperands {
  @inline inBlocks(): bool { return true; }
  @inline parted(): bool { return false; }
}

/** Outputs that are `vectorStep` bytes apart. */
abstract class SpacedTaps extends Taps {
  @inline store(to: usize, step: usize, vectorStep: usize, row: i32, vector: i32, sum: v128, _floor: v128): void {
    v128.store(to + <usize>row * step + <usize>vector * vectorStep, sum);
  }
}

class FourChannels extends SpacedTaps {
  @inline vectorsInside(): bool { return true; }
}

class FewChannels extends SpacedTaps {
  @inline vectorsInside(): bool { return false; }
}

/** Outputs side by side. */
abstract class AdjacentTaps extends Taps {
  @inline store(to: usize, step: usize, _vectorStep: usize, row: i32, vector: i32, sum: v128, _floor: v128): void {
    storeVectorAt(to + <usize>row * step, vector, sum);
  }
}

class FourChannelsAdjacent extends AdjacentTaps {
  @inline vectorsInside(): bool { return true; }
}

class FewChannelsAdjacent extends AdjacentTaps {
  @inline vectorsInside(): bool { return false; }
}

/** Sums `blocks` blocks of `length` bytes of taps, which are `rowBytes` apart: kernel rows, or all of them as one. */
// @ts-ignore: decorator
@inline
function sumTaps<T extends PanelOperands>(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
  channels: i32, columns: i32,
): void {
  tile<T>(
    channels, columns, out, plane, outColumn, 0, start, 0, taps, image, 0, <usize>blocks * length, length,
    rowBytes - length, 0);
}

function tile4x2(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FourChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 4, 2);
}

function tile4x1(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FourChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 4, 1);
}

function tile2x4(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FewChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 2, 4);
}

function tile2x2(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FewChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 2, 2);
}

function tile2x1(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FewChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 2, 1);
}

function tile1x8(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FewChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 1, 8);
}

function tile1x4(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FewChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 1, 4);
}

function tile1x2(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FewChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 1, 2);
}

function tile1x1(
  out: usize, plane: usize, outColumn: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize,
  blocks: i32,
): void {
  sumTaps<FewChannels>(out, plane, outColumn, image, start, taps, rowBytes, length, blocks, 1, 1);
}

function adjacent4x4(
  out: usize, plane: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, blocks: i32,
): void {
  sumTaps<FourChannelsAdjacent>(out, plane, 16, image, start, taps, rowBytes, length, blocks, 4, 4);
}

function adjacent4x2(
  out: usize, plane: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, blocks: i32,
): void {
  sumTaps<FourChannelsAdjacent>(out, plane, 16, image, start, taps, rowBytes, length, blocks, 4, 2);
}

function adjacent2x4(
  out: usize, plane: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, blocks: i32,
): void {
  sumTaps<FewChannelsAdjacent>(out, plane, 16, image, start, taps, rowBytes, length, blocks, 2, 4);
}

function adjacent1x16(
  out: usize, plane: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, blocks: i32,
): void {
  sumTaps<FewChannelsAdjacent>(out, plane, 16, image, start, taps, rowBytes, length, blocks, 1, 16);
}

function adjacent1x8(
  out: usize, plane: usize, image: usize, start: usize, taps: usize, rowBytes: usize, length: usize, blocks: i32,
): void {
  sumTaps<FewChannelsAdjacent>(out, plane, 16, image, start, taps, rowBytes, length, blocks, 1, 8);
}
