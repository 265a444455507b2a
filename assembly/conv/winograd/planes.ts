import { GROUP, GROUP_BYTES, inGroups, tileOffset } from './blocks';
import { interleaveGroup } from './interleave';
import { transformGradient, transformInput } from './transforms';

/* From images to transformed tiles: V of an input, P of a gradient, both [36][tiles][channels]. */

/** Strips from `strip` on, `most` at most, that belong to the same image. */
// @ts-ignore: decorator
@inline
export function stripsOfImage(strip: i32, most: i32, tilesY: i32): i32 {
  return min(most, tilesY - strip % tilesY);
}

/**
 * Floats of `rows` that `planesOfInput` needs for so many strips of an image: the interleaved rows, and six transformed
 * ones.
 */
export function rowsSize(strips: i32, tilesX: i32): i32 {
  return (strips * 4 + 2 + 6) * (tilesX * 4 + 2) * GROUP;
}

/** Neighbouring strips of one image → its tiles in V, from `firstTile` on. `y`: the first of its rows. */
export function planesOfInput(
  v: usize, vPlace: usize, firstTile: i32, rows: usize, image: usize, channels: i32, height: i32, width: i32, y: i32,
  left: i32, strips: i32, tilesX: i32,
): void {
  const columns = tilesX * 4 + 2;
  const rowBytes = <usize>columns * GROUP_BYTES;
  const plane = <usize>(height * width) << 2;
  const padded = inGroups(channels);
  const six = rows + <usize>(strips * 4 + 2) * rowBytes;
  for (let c = 0; c < channels; c += GROUP, image += plane * GROUP, v += 4 * GROUP_BYTES) {
    interleaveGroup(rows, image, plane, channels - c, height, width, y, strips * 4 + 2, left, columns);
    let tile = firstTile;
    for (let strip = 0; strip < strips; strip++) {
      const first = rows + <usize>strip * 4 * rowBytes;
      for (let at: usize = 0; at < rowBytes; at += GROUP_BYTES) {
        transformInput(first + at, rowBytes, six + at, rowBytes);
      }
      const end = tile + tilesX;
      for (let from = six; tile < end; tile++, from += 4 * GROUP_BYTES) {
        const to = v + tileOffset(tile, padded);
        for (let row: usize = 0; row < 6; row++) {
          transformInput(from + row * rowBytes, GROUP_BYTES, to + row * 6 * vPlace, vPlace);
        }
      }
    }
  }
}

/** Neighbouring strips of a gradient → its tiles in P. */
export function planesOfGradient(
  p: usize, pPlace: usize, firstTile: i32, rows: usize, image: usize, channels: i32, height: i32, width: i32, y: i32,
  strips: i32, tilesX: i32,
): void {
  const rowBytes = <usize>tilesX * 4 * GROUP_BYTES;
  const plane = <usize>(height * width) << 2;
  const padded = inGroups(channels);
  const six = rows + <usize>(strips * 4) * rowBytes;
  for (let c = 0; c < channels; c += GROUP, image += plane * GROUP, p += 4 * GROUP_BYTES) {
    interleaveGroup(rows, image, plane, channels - c, height, width, y, strips * 4, 0, tilesX * 4);
    let tile = firstTile;
    for (let strip = 0; strip < strips; strip++) {
      const first = rows + <usize>strip * 4 * rowBytes;
      for (let at: usize = 0; at < rowBytes; at += GROUP_BYTES) {
        transformGradient(first + at, rowBytes, six + at, rowBytes);
      }
      const end = tile + tilesX;
      for (let from = six; tile < end; tile++, from += 4 * GROUP_BYTES) {
        const to = p + tileOffset(tile, padded);
        for (let row: usize = 0; row < 6; row++) {
          transformGradient(from + row * rowBytes, GROUP_BYTES, to + row * 6 * pPlace, pPlace);
        }
      }
    }
  }
}
