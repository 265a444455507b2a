import { evenRow, firstPairs, lastPairs, oddRow, storeTransposed } from '../../simd/transpose';
import { BAND_BYTES } from '../tuning';

/*
 * Four images at once, one to a lane: a row of pixels becomes a row of vectors, whose width may be anything, and whose
 * neighbours need no shuffles.
 *
 *     images a b c d, a row each        a0 a1 a2 …, b0 b1 b2 …, …    →    a0 b0 c0 d0 │ a1 b1 c1 d1 │ a2 b2 c2 d2 │ …
 *
 * The columns are sorted by their remainder modulo the stride (the phase), so that whatever the stride, the inputs of
 * neighbouring outputs are neighbours in memory.
 */

/** Images worked on together: the lanes of a vector. */
export const LANES: i32 = 4;

/** Rows that are worked on together, of which each takes `bytes`: a multiple of four. */
export function rowsOfBand(rows: i32, bytes: i32, bandBytes: i32 = BAND_BYTES): i32 {
  return min(max(bandBytes / bytes & ~3, 4), (rows + 3) & ~3);
}

/** Writes one column, which the border has moved to `column`. */
// @ts-ignore: decorator
@inline
function put(to: usize, column: i32, value: v128, stride: i32, phases: i32, pitch: i32): void {
  if (stride == 1) {
    v128.store(to + (<usize>column << 4), value);
  } else {
    const phase = stride == 2 ? column & 1 : column % stride;
    const place = stride == 2 ? column >> 1 : column / stride;
    if (phase < phases) v128.store(to + (<usize>(phase * pitch + place) << 4), value);
  }
}

/**
 * One row of one channel of `lanes` images → its phases, `pitch` vectors each; other lanes are zeros. Column w goes to
 * w + left, of which what lies outside the row is left out. Phases from `phases` on are not needed.
 */
export function interleaveRow(
  to: usize, row: usize, imageStep: usize, lanes: i32, width: i32, left: i32, stride: i32, phases: i32, pitch: i32,
): void {
  const first = max(-left, 0);
  const last = min(width, stride * pitch - left);
  if (lanes < LANES || last - first < 4) {
    for (let column = first; column < last; column++) {
      let at = row + (<usize>column << 2);
      let value = v128.load32_zero(at);
      if (lanes > 1) value = v128.load_lane<f32>(at + imageStep, value, 1);
      if (lanes > 2) value = v128.load_lane<f32>(at + 2 * imageStep, value, 2);
      if (lanes > 3) value = v128.load_lane<f32>(at + 3 * imageStep, value, 3);
      put(to, column + left, value, stride, phases, pitch);
    }
    return;
  }
  for (let column = first; column < last; column += 4) {
    // Where the columns are no multiple of four, the last four of them are done as one, in part a second time.
    column = min(column, last - 4);
    const at = row + (<usize>column << 2);
    const a = v128.load(at), b = v128.load(at + imageStep), c = v128.load(at + 2 * imageStep);
    const d = v128.load(at + 3 * imageStep);
    const target = column + left;
    const firstAb = firstPairs(a, b), lastAb = lastPairs(a, b), firstCd = firstPairs(c, d), lastCd = lastPairs(c, d);
    put(to, target, evenRow(firstAb, firstCd), stride, phases, pitch);
    put(to, target + 1, oddRow(firstAb, firstCd), stride, phases, pitch);
    put(to, target + 2, evenRow(lastAb, lastCd), stride, phases, pitch);
    put(to, target + 3, oddRow(lastAb, lastCd), stride, phases, pitch);
  }
}

/** `count` adjacent vectors → as many adjacent floats of each of four images. */
export function deinterleave(image: usize, imageStep: usize, from: usize, count: i32): void {
  if (count < 4) {
    for (; count > 0; count--, image += 4, from += 16) {
      const value = v128.load(from);
      v128.store_lane<f32>(image, value, 0);
      v128.store_lane<f32>(image + imageStep, value, 1);
      v128.store_lane<f32>(image + 2 * imageStep, value, 2);
      v128.store_lane<f32>(image + 3 * imageStep, value, 3);
    }
    return;
  }
  for (let i = 0; i < count; i += 4) {
    i = min(i, count - 4);
    const at = from + (<usize>i << 4);
    const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
    storeTransposed(image + (<usize>i << 2), imageStep, a, b, c, d);
  }
}

/** `count` adjacent floats of each of `lanes` images → as many vectors, `step` bytes apart; other lanes are zeros. */
export function interleaveFlat(to: usize, step: usize, image: usize, imageStep: usize, lanes: i32, count: i32): void {
  if (lanes < LANES || count < 4) {
    for (; count > 0; count--, image += 4, to += step) {
      let value = v128.load32_zero(image);
      if (lanes > 1) value = v128.load_lane<f32>(image + imageStep, value, 1);
      if (lanes > 2) value = v128.load_lane<f32>(image + 2 * imageStep, value, 2);
      if (lanes > 3) value = v128.load_lane<f32>(image + 3 * imageStep, value, 3);
      v128.store(to, value);
    }
    return;
  }
  for (let i = 0; i < count; i += 4) {
    i = min(i, count - 4);
    const at = image + (<usize>i << 2);
    const a = v128.load(at), b = v128.load(at + imageStep), c = v128.load(at + 2 * imageStep);
    const d = v128.load(at + 3 * imageStep);
    storeTransposed(to + <usize>i * step, step, a, b, c, d);
  }
}
