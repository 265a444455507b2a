/*
 * A convolution as a matrix product: rows are output channels, terms are taps, columns are pixels.
 *
 *     out[o,pixel] = start[o] + Σ_taps weight[o,tap] · image[offset(tap) + where(pixel)]
 *
 * The pixels of one image, or of several small ones, follow each other without gaps, so that no row of the image has an
 * end. Eight pixels at a time are packed into a panel of B, tap by tap, from padded images; it meets all panels of A,
 * four output channels each, while it is in the cache. Layouts of both as in `gemm/pack.ts`.
 */
import { narrowTile, wholeTile } from '../../gemm/tile';
import { FEW_PIXELS, GROUP_IMAGES, PANEL_PIXELS, PANEL_ROWS } from '../tuning';

/** Floats of the tile in which cut ends are computed, and of the list of where its columns belong. */
const EDGE_SIZE: i32 = PANEL_ROWS * PANEL_PIXELS + PANEL_PIXELS;
/** Bytes of a term in a panel of B, and of a row of the tile. */
const ROW_BYTES: usize = PANEL_PIXELS * 4;

/** How many images are one row of pixels. */
export function imagesTogether(pixels: i32): i32 {
  return pixels < FEW_PIXELS ? GROUP_IMAGES : 1;
}

/** Number of such groups. */
export function imageGroups(images: i32, pixels: i32): i32 {
  const together = imagesTogether(pixels);
  return (images + together - 1) / together;
}

/** Panels of four output channels, of all groups of channels. */
export function rowPanels(outputs: i32, groups: i32): i32 {
  return groups * ((outputs / groups + PANEL_ROWS - 1) / PANEL_ROWS);
}

/** Floats of scratch that `multiply` needs. */
// @ts-ignore: decorator
@inline
export function multiplyScratch(taps: i32): i32 {
  return EDGE_SIZE + PANEL_PIXELS * taps;
}

/** Floats of the list of the places of so many pixels. */
// @ts-ignore: decorator
@inline
export function placesSize(pixels: i32): i32 {
  return pixels + PANEL_PIXELS - 1;
}

/**
 * Where the pixels of `images` images of rows × columns outputs look, in bytes; the last is repeated to fill up a
 * panel.
 */
export function listPlaces(
  list: usize, images: i32, rows: i32, columns: i32, imageStep: usize, rowStep: usize, columnStep: usize,
): void {
  let place: usize = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      place = <usize>image * imageStep + <usize>row * rowStep;
      for (let column = 0; column < columns; column++, list += 4, place += columnStep) store<u32>(list, <u32>place);
    }
  }
  for (let i = 1; i < PANEL_PIXELS; i++, list += 4) store<u32>(list, <u32>(place - columnStep));
}

/** Bytes of what the tiles of one panel of A start from. */
export const START_BYTES: usize = PANEL_ROWS * PANEL_PIXELS * 4;

/** What each row of a group's tiles starts from, a tile for each panel. `bias` of the first row, or 0. */
export function packStarts(starts: usize, bias: usize, rows: i32): void {
  for (let row = 0; row < (rows + PANEL_ROWS - 1 & ~(PANEL_ROWS - 1)); row++, starts += ROW_BYTES) {
    const value = f32x4.splat(bias != 0 && row < rows ? load<f32>(bias + (<usize>row << 2)) : 0);
    for (let at: usize = 0; at < ROW_BYTES; at += 16) v128.store(starts + at, value);
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
  const targets = edge + (<usize>(PANEL_ROWS * PANEL_PIXELS) << 2);
  const panel = edge + (<usize>EDGE_SIZE << 2);
  const plane = <usize>pixels << 2;
  const panelBytes = <usize>depth << 4;
  const total = images * pixels;
  for (let column = 0; column < total; column += PANEL_PIXELS) {
    const count = min(PANEL_PIXELS, total - column);
    const pixel = column % pixels;
    const whole = count == PANEL_PIXELS && pixel + PANEL_PIXELS <= pixels;
    for (let at: usize = 0; at < ROW_BYTES; at += 32) {
      packEight(panel + at, source, taps, depth, places + (<usize>column << 2) + at);
    }
    let to = out + <usize>(column / pixels) * imageStep + (<usize>pixel << 2);
    if (!whole || rows % PANEL_ROWS != 0) listTargets(targets, to, pixel, pixels, imageStep);
    let a = panels;
    let start = starts;
    for (
      let left = rows; left > 0;
      left -= PANEL_ROWS, a += panelBytes, start += START_BYTES, to += <usize>PANEL_ROWS * plane
    ) {
      if (whole && left >= PANEL_ROWS) {
        wholeTile(to, plane, start, ROW_BYTES, a, panel, depth, relu);
      } else {
        if (count > 4) wholeTile(edge, ROW_BYTES, start, ROW_BYTES, a, panel, depth, relu);
        else narrowTile(edge, ROW_BYTES, start, ROW_BYTES, a, panel, depth, relu);
        scatter(targets, <usize>(rows - left) * plane, plane, edge, min(left, PANEL_ROWS), count);
      }
    }
  }
}

/** Packs eight pixels, tap by tap. */
function packEight(panel: usize, source: usize, taps: usize, depth: i32, places: usize): void {
  const left = source + load<u32>(places), right = source + load<u32>(places, 16);
  const end = taps + (<usize>depth << 2);
  if (apart(places, 4) && apart(places + 16, 4)) {
    for (; taps < end; taps += 4, panel += ROW_BYTES) {
      const offset = <usize>load<u32>(taps);
      v128.store(panel, v128.load(left + offset));
      v128.store(panel, v128.load(right + offset), 16);
    }
  } else if (apart(places, 8) && apart(places + 16, 8)) {
    for (; taps < end; taps += 4, panel += ROW_BYTES) {
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

/** Four pixels, tap by tap. */
function packFour(strip: usize, source: usize, taps: usize, depth: i32, places: usize): void {
  const end = taps + (<usize>depth << 2);
  const a = source + load<u32>(places);
  if (apart(places, 4)) {
    for (; taps < end; taps += 4, strip += ROW_BYTES) v128.store(strip, v128.load(a + load<u32>(taps)));
  } else if (apart(places, 8)) {
    for (; taps < end; taps += 4, strip += ROW_BYTES) v128.store(strip, everySecond(a + load<u32>(taps)));
  } else {
    const b = source + load<u32>(places, 4), c = source + load<u32>(places, 8), d = source + load<u32>(places, 12);
    for (; taps < end; taps += 4, strip += ROW_BYTES) {
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
  for (let i: usize = 0; i < 4 * PANEL_PIXELS; i += 4, to += 4) {
    store<u32>(targets + i, <u32>to);
    if (++pixel == pixels) {
      pixel = 0;
      to += imageStep - (<usize>pixels << 2);
    }
  }
}

/** Copies the part of an edge tile that lies inside. */
function scatter(targets: usize, offset: usize, plane: usize, edge: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++, edge += ROW_BYTES, offset += plane) {
    for (let i: usize = 0; i < <usize>columns << 2; i += 4) {
      store<f32>(<usize>load<u32>(targets + i) + offset, load<f32>(edge + i));
    }
  }
}
