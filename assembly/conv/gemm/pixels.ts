/*
 * A convolution as a matrix product: rows are output channels, terms are taps, columns are pixels.
 *
 *     out[o,pixel] = start[o] + Σ_taps weight[o,tap] · image[offset(tap) + where(pixel)]
 *
 * The pixels of one image, or of several small ones, follow each other without gaps, so that no row of the image has an
 * end. Eight pixels at a time are packed into a panel of B, tap by tap, from padded images; it meets all panels of A,
 * four output channels each, while it is in the cache. Layouts of both as in `gemm/pack.ts`.
 */
import { tile4x4, tile4x8 } from '../../gemm/tile';

/** Rows of a panel of A, and pixels of a panel of B. */
export const ROWS: i32 = 4;
const COLUMNS: i32 = 8;
/** Floats of the tile in which cut ends are computed, and of the list of where its columns belong. */
const EDGE_SIZE: i32 = ROWS * COLUMNS + COLUMNS;
/** Images of fewer pixels are worked on in groups of eight: of one alone, the last panel would waste too much. */
const FEW_PIXELS: i32 = 128;

/** How many images are one row of pixels. */
export function imagesTogether(pixels: i32): i32 {
  return pixels < FEW_PIXELS ? COLUMNS : 1;
}

/** Number of such groups. */
export function imageGroups(images: i32, pixels: i32): i32 {
  const together = imagesTogether(pixels);
  return (images + together - 1) / together;
}

/** Panels of four output channels, of all groups of channels. */
export function rowPanels(outputs: i32, groups: i32): i32 {
  return groups * ((outputs / groups + ROWS - 1) / ROWS);
}

/** Floats of scratch that `multiply` needs. */
// @ts-ignore: decorator
@inline
export function multiplyScratch(taps: i32): i32 {
  return EDGE_SIZE + COLUMNS * taps;
}

/** Floats of the list of the places of so many pixels. */
// @ts-ignore: decorator
@inline
export function placesSize(pixels: i32): i32 {
  return pixels + COLUMNS - 1;
}

/** Where the pixels of `images` images of rows × columns outputs look, in bytes; the last is repeated to fill up a panel. */
export function listPlaces(list: usize, images: i32, rows: i32, columns: i32, imageStep: usize, rowStep: usize, columnStep: usize): void {
  let place: usize = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      place = <usize>image * imageStep + <usize>row * rowStep;
      for (let column = 0; column < columns; column++, list += 4, place += columnStep) store<u32>(list, <u32>place);
    }
  }
  for (let i = 1; i < COLUMNS; i++, list += 4) store<u32>(list, <u32>(place - columnStep));
}

/** What each row of a group's tiles starts from, four rows of eight columns a panel. `bias` of the first row, or 0. */
export function packStarts(starts: usize, bias: usize, rows: i32): void {
  for (let row = 0; row < (rows + ROWS - 1 & ~(ROWS - 1)); row++, starts += 32) {
    const value = f32x4.splat(bias != 0 && row < rows ? load<f32>(bias + (<usize>row << 2)) : 0);
    v128.store(starts, value);
    v128.store(starts, value, 16);
  }
}

/**
 * The columns of a group of images, for rows [firstRow, firstRow + rows). Steps in bytes.
 *
 * @param out of the first row in the first image; a plane of `pixels` floats without gaps
 * @param source of the first tap and pixel
 * @param taps for each, its offset in bytes; `places` the same for each pixel
 */
export function multiply(
  out: usize, imageStep: usize, images: i32, pixels: i32, rows: i32, panels: usize, starts: usize,
  source: usize, taps: usize, depth: i32, places: usize, scratch: usize, relu: bool,
): void {
  const edge = scratch;
  const targets = edge + (<usize>(ROWS * COLUMNS) << 2);
  const panel = edge + (<usize>EDGE_SIZE << 2);
  const plane = <usize>pixels << 2;
  const panelBytes = <usize>depth << 4;
  const total = images * pixels;
  for (let column = 0; column < total; column += COLUMNS) {
    const count = min(COLUMNS, total - column);
    const pixel = column % pixels;
    const whole = count == COLUMNS && pixel + COLUMNS <= pixels;
    packPixels(panel, source, taps, depth, places + (<usize>column << 2));
    let to = out + <usize>(column / pixels) * imageStep + (<usize>pixel << 2);
    if (!whole || rows % ROWS != 0) listTargets(targets, to, pixel, pixels, imageStep);
    let a = panels;
    let start = starts;
    for (let left = rows; left > 0; left -= ROWS, a += panelBytes, start += 128, to += <usize>ROWS * plane) {
      if (whole && left >= ROWS) {
        tile4x8(to, plane, start, 32, a, panel, depth, relu);
      } else {
        if (count > 4) tile4x8(edge, 32, start, 32, a, panel, depth, relu);
        else tile4x4(edge, 32, start, 32, a, panel, depth, relu);
        scatter(targets, <usize>(rows - left) * plane, plane, edge, min(left, ROWS), count);
      }
    }
  }
}

/** Packs eight pixels, tap by tap. */
function packPixels(panel: usize, source: usize, taps: usize, depth: i32, places: usize): void {
  const left = source + load<u32>(places), right = source + load<u32>(places, 16);
  const end = taps + (<usize>depth << 2);
  if (apart(places, 4) && apart(places + 16, 4)) {
    for (; taps < end; taps += 4, panel += 32) {
      const offset = <usize>load<u32>(taps);
      v128.store(panel, v128.load(left + offset));
      v128.store(panel, v128.load(right + offset), 16);
    }
  } else if (apart(places, 8) && apart(places + 16, 8)) {
    for (; taps < end; taps += 4, panel += 32) {
      const offset = <usize>load<u32>(taps);
      v128.store(panel, everySecond(left + offset));
      v128.store(panel, everySecond(right + offset), 16);
    }
  } else {
    packFour(panel, source, taps, depth, places);
    packFour(panel + 16, source, taps, depth, places + 16);
  }
}

/** Whether four pixels lie `step` bytes apart. */
// @ts-ignore: decorator
@inline
function apart(places: usize, step: i32): bool {
  const steps = i32x4.sub(v128.load(places), v128.load32_splat(places));
  return !v128.any_true(v128.xor(steps, i32x4.mul(i32x4.splat(step), i32x4(0, 1, 2, 3))));
}

/** Of seven floats the first, third, fifth and seventh. */
// @ts-ignore: decorator
@inline
function everySecond(from: usize): v128 {
  return v128.shuffle<f32>(v128.load(from), v128.load(from, 12), 0, 2, 5, 7);
}

/** Four pixels, tap by tap, 32 bytes apart. */
function packFour(strip: usize, source: usize, taps: usize, depth: i32, places: usize): void {
  const end = taps + (<usize>depth << 2);
  const a = source + load<u32>(places);
  if (apart(places, 4)) {
    for (; taps < end; taps += 4, strip += 32) v128.store(strip, v128.load(a + load<u32>(taps)));
  } else if (apart(places, 8)) {
    for (; taps < end; taps += 4, strip += 32) v128.store(strip, everySecond(a + load<u32>(taps)));
  } else {
    const b = source + load<u32>(places, 4), c = source + load<u32>(places, 8), d = source + load<u32>(places, 12);
    for (; taps < end; taps += 4, strip += 32) {
      const offset = <usize>load<u32>(taps);
      let value = v128.load32_zero(a + offset);
      value = v128.load_lane<f32>(b + offset, value, 1);
      value = v128.load_lane<f32>(c + offset, value, 2);
      v128.store(strip, v128.load_lane<f32>(d + offset, value, 3));
    }
  }
}

/** The addresses that eight columns go to, of which the first is pixel number `pixel` of its image. */
function listTargets(targets: usize, to: usize, pixel: i32, pixels: i32, imageStep: usize): void {
  for (let i: usize = 0; i < 4 * COLUMNS; i += 4, to += 4) {
    store<u32>(targets + i, <u32>to);
    if (++pixel == pixels) {
      pixel = 0;
      to += imageStep - (<usize>pixels << 2);
    }
  }
}

/** Copies the part of an edge tile that lies inside. */
function scatter(targets: usize, offset: usize, plane: usize, edge: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++, edge += 32, offset += plane) {
    for (let i: usize = 0; i < <usize>columns << 2; i += 4) store<f32>(<usize>load<u32>(targets + i) + offset, load<f32>(edge + i));
  }
}
