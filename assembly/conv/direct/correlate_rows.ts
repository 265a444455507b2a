import { f32x4_madd } from '../../simd/vector';
import { WIDE } from '../../simd/width';
import { ConvShape } from '../shape';
import { THREES_COLUMNS, THREES_ROWS } from '../tuning';
import { isBlank } from './blank';
import { correlate } from './correlate';

/*
 * Correlation for a single output channel with taps in threes, one below the other: a tile of four rows × eight columns
 * in registers, or 16. Each vector of the image serves up to three rows of outputs, so that half as many are loaded.
 * The panel
 * is that of `correlate.ts`, its taps in the order v, c, u:
 *
 *     start │ w[0] offset  w[1] ·  w[2] · │ w[0] offset  w[1] ·  w[2] · │ …
 *             v = 0, c = 0                  v = 0, c = 1
 */

/** Whether the taps of a group with so many outputs are in the order v, c, u, and summed by `correlateRows`. */
// @ts-ignore: decorator
@inline
export function sumsByRows(shape: ConvShape, outputs: i32): bool {
  return outputs == 1 && shape.kernelHeight == 3 && shape.strideY == 1 && shape.dilationY == 1;
}

/**
 * A tile of four rows × 4·vectors columns, 8 or 16. (The branches are never taken: they keep V8 of Node 20 from loading
 * all vectors before it adds the first, which spills.)
 */
// @ts-ignore: decorator
@inline
function tile4(
  out: usize, outRow: usize, image: usize, imageRow: usize, panel: usize, taps: i32, low: f32, vectors: i32,
): void {
  let c00 = v128.load32_splat(panel), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let c02 = c00, c03 = c00, c12 = c00, c13 = c00, c22 = c00, c23 = c00, c32 = c00, c33 = c00;
  panel += 4;
  const end = panel + (<usize>taps << 3);
  if (panel != end) {
    do {
      let at = image + load<u32>(panel, 4);
      const w0 = v128.load32_splat(panel), w1 = v128.load32_splat(panel, 8), w2 = v128.load32_splat(panel, 16);
      let x0 = v128.load(at), x1 = v128.load(at, 16);
      let x2 = vectors > 2 ? v128.load(at, 32) : x0, x3 = vectors > 2 ? v128.load(at, 48) : x0;
      c00 = f32x4_madd(w0, x0, c00);
      c01 = f32x4_madd(w0, x1, c01);
      if (vectors > 2) c02 = f32x4_madd(w0, x2, c02), c03 = f32x4_madd(w0, x3, c03);
      if (!WIDE && at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      if (vectors > 2) x2 = v128.load(at, 32), x3 = v128.load(at, 48);
      c00 = f32x4_madd(w1, x0, c00);
      c01 = f32x4_madd(w1, x1, c01);
      if (vectors > 2) c02 = f32x4_madd(w1, x2, c02), c03 = f32x4_madd(w1, x3, c03);
      c10 = f32x4_madd(w0, x0, c10);
      c11 = f32x4_madd(w0, x1, c11);
      if (vectors > 2) c12 = f32x4_madd(w0, x2, c12), c13 = f32x4_madd(w0, x3, c13);
      if (!WIDE && at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      if (vectors > 2) x2 = v128.load(at, 32), x3 = v128.load(at, 48);
      c00 = f32x4_madd(w2, x0, c00);
      c01 = f32x4_madd(w2, x1, c01);
      if (vectors > 2) c02 = f32x4_madd(w2, x2, c02), c03 = f32x4_madd(w2, x3, c03);
      c10 = f32x4_madd(w1, x0, c10);
      c11 = f32x4_madd(w1, x1, c11);
      if (vectors > 2) c12 = f32x4_madd(w1, x2, c12), c13 = f32x4_madd(w1, x3, c13);
      c20 = f32x4_madd(w0, x0, c20);
      c21 = f32x4_madd(w0, x1, c21);
      if (vectors > 2) c22 = f32x4_madd(w0, x2, c22), c23 = f32x4_madd(w0, x3, c23);
      if (!WIDE && at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      if (vectors > 2) x2 = v128.load(at, 32), x3 = v128.load(at, 48);
      c10 = f32x4_madd(w2, x0, c10);
      c11 = f32x4_madd(w2, x1, c11);
      if (vectors > 2) c12 = f32x4_madd(w2, x2, c12), c13 = f32x4_madd(w2, x3, c13);
      c20 = f32x4_madd(w1, x0, c20);
      c21 = f32x4_madd(w1, x1, c21);
      if (vectors > 2) c22 = f32x4_madd(w1, x2, c22), c23 = f32x4_madd(w1, x3, c23);
      c30 = f32x4_madd(w0, x0, c30);
      c31 = f32x4_madd(w0, x1, c31);
      if (vectors > 2) c32 = f32x4_madd(w0, x2, c32), c33 = f32x4_madd(w0, x3, c33);
      if (!WIDE && at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      if (vectors > 2) x2 = v128.load(at, 32), x3 = v128.load(at, 48);
      c20 = f32x4_madd(w2, x0, c20);
      c21 = f32x4_madd(w2, x1, c21);
      if (vectors > 2) c22 = f32x4_madd(w2, x2, c22), c23 = f32x4_madd(w2, x3, c23);
      c30 = f32x4_madd(w1, x0, c30);
      c31 = f32x4_madd(w1, x1, c31);
      if (vectors > 2) c32 = f32x4_madd(w1, x2, c32), c33 = f32x4_madd(w1, x3, c33);
      if (!WIDE && at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      if (vectors > 2) x2 = v128.load(at, 32), x3 = v128.load(at, 48);
      c30 = f32x4_madd(w2, x0, c30);
      c31 = f32x4_madd(w2, x1, c31);
      if (vectors > 2) c32 = f32x4_madd(w2, x2, c32), c33 = f32x4_madd(w2, x3, c33);
      panel += 24;
    } while (panel != end);
  }
  const floor = f32x4.splat(low);
  v128.store(out, f32x4.pmax(c00, floor));
  v128.store(out, f32x4.pmax(c01, floor), 16);
  if (vectors > 2) v128.store(out, f32x4.pmax(c02, floor), 32), v128.store(out, f32x4.pmax(c03, floor), 48);
  out += outRow;
  v128.store(out, f32x4.pmax(c10, floor));
  v128.store(out, f32x4.pmax(c11, floor), 16);
  if (vectors > 2) v128.store(out, f32x4.pmax(c12, floor), 32), v128.store(out, f32x4.pmax(c13, floor), 48);
  out += outRow;
  v128.store(out, f32x4.pmax(c20, floor));
  v128.store(out, f32x4.pmax(c21, floor), 16);
  if (vectors > 2) v128.store(out, f32x4.pmax(c22, floor), 32), v128.store(out, f32x4.pmax(c23, floor), 48);
  out += outRow;
  v128.store(out, f32x4.pmax(c30, floor));
  v128.store(out, f32x4.pmax(c31, floor), 16);
  if (vectors > 2) v128.store(out, f32x4.pmax(c32, floor), 32), v128.store(out, f32x4.pmax(c33, floor), 48);
}

function tile4x8(out: usize, outRow: usize, image: usize, imageRow: usize, panel: usize, taps: i32, low: f32): void {
  tile4(out, outRow, image, imageRow, panel, taps, low, 2);
}

function tile4x16(out: usize, outRow: usize, image: usize, imageRow: usize, panel: usize, taps: i32, low: f32): void {
  tile4(out, outRow, image, imageRow, panel, taps, low, 4);
}

/**
 * As `correlate` for one channel whose columns are side by side in the output. Where rows or columns are no multiple of
 * the tile, the last tile begins earlier and computes some outputs a second time, to the same bits.
 */
export function correlateRows(
  out: usize, outRow: usize, image: usize, imageRow: usize, panel: usize, taps: i32, rows: i32, columns: i32,
  edge: usize,
  low: f32 = -Infinity, masks: usize = 0, extent: i32 = 0,
): void {
  if (rows < THREES_ROWS || columns < THREES_COLUMNS) {
    correlate(out, 0, outRow, 4, image, imageRow, panel, taps, 1, rows, columns, edge, low, masks, extent);
    return;
  }
  for (let i = 0; i < rows; i += THREES_ROWS) {
    const row = min(i, rows - THREES_ROWS);
    const to = out + <usize>row * outRow;
    const from = image + <usize>row * imageRow;
    let mask: u32 = 0xffffffff;
    if (masks != 0) {
      const at = masks + (<usize>row << 2);
      mask = load<u32>(at) | load<u32>(at, 4) | load<u32>(at, 8) | load<u32>(at, 12);
    }
    let j = 0;
    if (WIDE) {
      // The last 9 to 16 columns, too, where there are as many before them.
      for (; j + THREES_COLUMNS < columns && columns >= 16; j += 16) {
        const column = min(j, columns - 16);
        const used = isBlank(mask, column, 16 + extent) ? 0 : taps;
        tile4x16(to + (<usize>column << 2), outRow, from + (<usize>column << 2), imageRow, panel, used, low);
      }
    }
    for (; j < columns; j += THREES_COLUMNS) {
      const column = min(j, columns - THREES_COLUMNS);
      const used = isBlank(mask, column, THREES_COLUMNS + extent) ? 0 : taps;
      tile4x8(to + (<usize>column << 2), outRow, from + (<usize>column << 2), imageRow, panel, used, low);
    }
  }
}
