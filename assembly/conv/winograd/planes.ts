import { inFours, tileOffset } from './blocks';
import { interleave } from './interleave';
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
  return (strips * 4 + 2 + 6) * (tilesX * 4 + 2) * 4;
}

/** Neighbouring strips of one image → its tiles in V, from `firstTile` on. `y`: the first of its rows. */
export function planesOfInput(
  v: usize, vPlace: usize, firstTile: i32, rows: usize, image: usize, channels: i32, height: i32, width: i32, y: i32,
  left: i32, strips: i32, tilesX: i32,
): void {
  const columns = tilesX * 4 + 2;
  const rowBytes = <usize>columns << 4;
  const plane = <usize>(height * width) << 2;
  const padded = inFours(channels);
  const six = rows + <usize>(strips * 4 + 2) * rowBytes;
  for (let c = 0; c < channels; c += 4, image += plane << 2, v += 64) {
    interleave(rows, image, plane, min(channels - c, 4), height, width, y, strips * 4 + 2, left, columns);
    let tile = firstTile;
    for (let strip = 0; strip < strips; strip++) {
      const first = rows + <usize>strip * 4 * rowBytes;
      for (let at: usize = 0; at < rowBytes; at += 16) transformInput(first + at, rowBytes, six + at, rowBytes);
      const end = tile + tilesX;
      for (let from = six; tile < end; tile++, from += 64) {
        const to = v + tileOffset(tile, padded);
        for (let row: usize = 0; row < 6; row++) {
          transformInput(from + row * rowBytes, 16, to + row * 6 * vPlace, vPlace);
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
  const rowBytes = <usize>tilesX << 6;
  const plane = <usize>(height * width) << 2;
  const padded = inFours(channels);
  const six = rows + <usize>(strips * 4) * rowBytes;
  for (let c = 0; c < channels; c += 4, image += plane << 2, p += 64) {
    interleave(rows, image, plane, min(channels - c, 4), height, width, y, strips * 4, 0, tilesX * 4);
    let tile = firstTile;
    for (let strip = 0; strip < strips; strip++) {
      const first = rows + <usize>strip * 4 * rowBytes;
      for (let at: usize = 0; at < rowBytes; at += 16) transformGradient(first + at, rowBytes, six + at, rowBytes);
      const end = tile + tilesX;
      for (let from = six; tile < end; tile++, from += 64) {
        const to = p + tileOffset(tile, padded);
        for (let row: usize = 0; row < 6; row++) {
          transformGradient(from + row * rowBytes, 16, to + row * 6 * pPlace, pPlace);
        }
      }
    }
  }
}
