import { f32x4_madd } from '../../simd/vector'
import { ConvShape } from '../shape';
import { THREES_COLUMNS, THREES_ROWS } from '../tuning';
import { isBlank } from './blank';
import { correlate } from './correlate';

/*
 * Correlation for a single output channel with taps in threes, one below the other: a tile of four rows × eight columns
 * in registers. Each vector of the image serves up to three rows of outputs, so that half as many are loaded. The panel
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
 * (The branches are never taken: they keep V8 of Node 20 from loading all vectors before it adds the first, which
 * spills.)
 */
// @ts-ignore: decorator
@inline
function tile4x8(out: usize, outRow: usize, image: usize, imageRow: usize, panel: usize, taps: i32, low: f32): void {
  let c00 = v128.load32_splat(panel), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  panel += 4;
  const end = panel + (<usize>taps << 3);
  if (panel != end) {
    do {
      let at = image + load<u32>(panel, 4);
      const w0 = v128.load32_splat(panel), w1 = v128.load32_splat(panel, 8), w2 = v128.load32_splat(panel, 16);
      let x0 = v128.load(at), x1 = v128.load(at, 16);
      c00 = f32x4_madd(w0, x0, c00);
      c01 = f32x4_madd(w0, x1, c01);
      if (at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      c00 = f32x4_madd(w1, x0, c00);
      c01 = f32x4_madd(w1, x1, c01);
      c10 = f32x4_madd(w0, x0, c10);
      c11 = f32x4_madd(w0, x1, c11);
      if (at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      c00 = f32x4_madd(w2, x0, c00);
      c01 = f32x4_madd(w2, x1, c01);
      c10 = f32x4_madd(w1, x0, c10);
      c11 = f32x4_madd(w1, x1, c11);
      c20 = f32x4_madd(w0, x0, c20);
      c21 = f32x4_madd(w0, x1, c21);
      if (at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      c10 = f32x4_madd(w2, x0, c10);
      c11 = f32x4_madd(w2, x1, c11);
      c20 = f32x4_madd(w1, x0, c20);
      c21 = f32x4_madd(w1, x1, c21);
      c30 = f32x4_madd(w0, x0, c30);
      c31 = f32x4_madd(w0, x1, c31);
      if (at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      c20 = f32x4_madd(w2, x0, c20);
      c21 = f32x4_madd(w2, x1, c21);
      c30 = f32x4_madd(w1, x0, c30);
      c31 = f32x4_madd(w1, x1, c31);
      if (at == 1) break;
      at += imageRow;
      x0 = v128.load(at), x1 = v128.load(at, 16);
      c30 = f32x4_madd(w2, x0, c30);
      c31 = f32x4_madd(w2, x1, c31);
      panel += 24;
    } while (panel != end);
  }
  const floor = f32x4.splat(low);
  v128.store(out, f32x4.pmax(c00, floor));
  v128.store(out, f32x4.pmax(c01, floor), 16);
  out += outRow;
  v128.store(out, f32x4.pmax(c10, floor));
  v128.store(out, f32x4.pmax(c11, floor), 16);
  out += outRow;
  v128.store(out, f32x4.pmax(c20, floor));
  v128.store(out, f32x4.pmax(c21, floor), 16);
  out += outRow;
  v128.store(out, f32x4.pmax(c30, floor));
  v128.store(out, f32x4.pmax(c31, floor), 16);
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
    for (let j = 0; j < columns; j += THREES_COLUMNS) {
      const column = min(j, columns - THREES_COLUMNS);
      const used = isBlank(mask, column, THREES_COLUMNS + extent) ? 0 : taps;
      tile4x8(to + (<usize>column << 2), outRow, from + (<usize>column << 2), imageRow, panel, used, low);
    }
  }
}
