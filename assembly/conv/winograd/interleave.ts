import { evenRow, firstPairs, lastPairs, oddRow, storeTransposed } from '../../simd/transpose';
import { x32x4_store_tail } from '../../simd/vector';
import { WIDE } from '../../simd/width';
import { GROUP_BYTES } from './blocks';

/*
 * Between images and rows of vectors: four channels side by side, one to a lane. `plane` is the number of bytes from
 * one channel to the next. Where there are fewer channels, the last of them fills the other lanes.
 */

/**
 * Rows [y, y + rows) and columns [−left, columns − left) of up to a group of channels → GROUP_BYTES for each place,
 * zeros outside. `channels` are left.
 */
export function interleaveGroup(
  to: usize, image: usize, plane: usize, channels: i32, height: i32, width: i32, y: i32, rows: i32, left: i32,
  columns: i32,
): void {
  interleave(to, image, plane, min(channels, 4), height, width, y, rows, left, columns);
  if (WIDE) {
    const second = min(4, channels - 1);
    interleave(
      to + 16, image + <usize>second * plane, plane, min(channels - second, 4), height, width, y, rows, left, columns);
  }
}

/** The same for four channels at most: a vector for each place, GROUP_BYTES apart. */
function interleave(
  to: usize, image: usize, plane: usize, lanes: i32, height: i32, width: i32, y: i32, rows: i32, left: i32,
  columns: i32,
): void {
  const zero = f32x4.splat(0);
  const rowBytes = <usize>columns * GROUP_BYTES;
  // Columns [first, last) of the row of vectors lie inside the image.
  const first = max(left, 0);
  const last = max(min(columns, width + left), first);
  const plane1 = lanes > 1 ? plane : 0, plane2 = lanes > 2 ? plane1 + plane : plane1;
  const plane3 = lanes > 3 ? plane2 + plane : plane2;
  for (const end = y + rows; y < end; y++, to += rowBytes) {
    if (y < 0 || y >= height) {
      if (WIDE) for (let column = 0; column < columns; column++) v128.store(place(to, column), zero);
      else memory.fill(to, 0, rowBytes);
      continue;
    }
    for (let column = 0; column < first; column++) v128.store(place(to, column), zero);
    const row = image + (<usize>(y * width - left) << 2);
    if (last - first < 4) {
      for (let column = first; column < last; column++) {
        const from = row + (<usize>column << 2);
        let value = v128.load32_zero(from);
        value = v128.load_lane<f32>(from + plane1, value, 1);
        value = v128.load_lane<f32>(from + plane2, value, 2);
        v128.store(place(to, column), v128.load_lane<f32>(from + plane3, value, 3));
      }
    } else {
      for (let next = first; next < last; next += 4) {
        // Where the columns are no multiple of four, the last four of them are done as one, in part a second time.
        const column = min(next, last - 4);
        const from = row + (<usize>column << 2), at = place(to, column);
        const r0 = v128.load(from), r1 = v128.load(from + plane1), r2 = v128.load(from + plane2);
        const r3 = v128.load(from + plane3);
        storeTransposed(at, GROUP_BYTES, r0, r1, r2, r3);
      }
    }
    for (let column = last; column < columns; column++) v128.store(place(to, column), zero);
  }
}

// @ts-ignore: decorator
@inline
function place(row: usize, column: i32): usize {
  return row + <usize>column * GROUP_BYTES;
}

/**
 * Writes four columns of `lanes` channels, as far as there are that many columns. `to`: the first column of the first
 * channel.
 */
// @ts-ignore: decorator
@inline
export function deinterleave(
  to: usize, plane: usize, lanes: i32, columns: i32, c0: v128, c1: v128, c2: v128, c3: v128,
): void {
  const first01 = firstPairs(c0, c1), last01 = lastPairs(c0, c1), first23 = firstPairs(c2, c3);
  const last23 = lastPairs(c2, c3);
  storeColumns(to, evenRow(first01, first23), columns);
  if (lanes > 1) storeColumns(to + plane, oddRow(first01, first23), columns);
  if (lanes > 2) storeColumns(to + 2 * plane, evenRow(last01, last23), columns);
  if (lanes > 3) storeColumns(to + 3 * plane, oddRow(last01, last23), columns);
}

// @ts-ignore: decorator
@inline
function storeColumns(to: usize, values: v128, columns: i32): void {
  if (columns >= 4) v128.store(to, values);
  else x32x4_store_tail(to, values, columns);
}
