import { transpose4 } from '../simd/transpose';
import { TILE_COLUMNS, TILE_VECTORS } from './tuning';

/*
 * Packing for the matrix product. A strip is four lines of a matrix side by side, the form in which the micro-kernels
 * read both operands: for each term k of the sum, the four values together.
 *
 *      line 0   a0 a1 a2 …                 k = 0        k = 1        k = 2
 *      line 1   b0 b1 b2 …      strip  →   a0 b0 c0 d0  a1 b1 c1 d1  a2 b2 c2 d2  …
 *      line 2   c0 c1 c2 …
 *      line 3   d0 d1 d2 …
 *
 * A panel of A (4 rows of C) is one strip; a panel of B (TILE_COLUMNS of C, here 8) is two strips taking turns, or
 * four:
 *
 *      k = 0: columns 0 1 2 3 | 4 5 6 7    k = 1: columns 0 1 2 3 | 4 5 6 7   …
 *
 * Lines past the end of the matrix are packed as zeros.
 */

/**
 * Packs lines that lie along k: `line[l]` begins at src + l·lineStep and its terms are adjacent (A as [M,K], B as
 * [N,K]).
 *
 * @param dst of the strip; its terms are `step` bytes apart
 * @param lineStep bytes between lines
 * @param lines how many of the four there are, 0 to 4
 * @param depth number of terms
 */
export function packAlong(dst: usize, step: usize, src: usize, lineStep: usize, lines: i32, depth: i32): void {
  const end = dst + <usize>depth * step;
  if (lines < 4) {
    for (; dst < end; dst += step, src += 4) {
      store<f32>(dst, lines > 0 ? load<f32>(src) : 0, 0);
      store<f32>(dst, lines > 1 ? load<f32>(src + lineStep) : 0, 4);
      store<f32>(dst, lines > 2 ? load<f32>(src + (lineStep << 1)) : 0, 8);
      store<f32>(dst, 0, 12);
    }
    return;
  }
  const endOfFours = dst + <usize>(depth & ~3) * step;
  for (; dst < endOfFours; dst += 4 * step, src += 16) transpose4(dst, step, src, lineStep);
  for (; dst < end; dst += step, src += 4) {
    store<f32>(dst, load<f32>(src), 0);
    store<f32>(dst, load<f32>(src + lineStep), 4);
    store<f32>(dst, load<f32>(src + (lineStep << 1)), 8);
    store<f32>(dst, load<f32>(src + lineStep * 3), 12);
  }
}

/**
 * Packs lines that lie across k: the four values of a term are adjacent, the next term is `termStep` bytes on
 * (A as [K,M], B as [K,N]).
 */
export function packAcross(dst: usize, step: usize, src: usize, termStep: usize, lines: i32, depth: i32): void {
  const end = dst + <usize>depth * step;
  if (lines >= 4) {
    for (; dst < end; dst += step, src += termStep) v128.store(dst, v128.load(src));
    return;
  }
  for (; dst < end; dst += step, src += termStep) {
    store<f32>(dst, lines > 0 ? load<f32>(src, 0) : 0, 0);
    store<f32>(dst, lines > 1 ? load<f32>(src, 4) : 0, 4);
    store<f32>(dst, lines > 2 ? load<f32>(src, 8) : 0, 8);
    store<f32>(dst, 0, 12);
  }
}

/** Packs 16 columns of B [K,N], a whole cache line of each row, as panels of B that are `panelBytes` apart. */
export function packLineAcross(panels: usize, panelBytes: usize, src: usize, termStep: usize, depth: i32): void {
  const end = panels + <usize>(depth * TILE_COLUMNS) * 4;
  const half: usize = TILE_VECTORS > 2 ? 32 : panelBytes;
  for (; panels < end; panels += TILE_COLUMNS << 2, src += termStep) {
    v128.store(panels, v128.load(src));
    v128.store(panels, v128.load(src, 16), 16);
    v128.store(panels + half, v128.load(src, 32));
    v128.store(panels + half, v128.load(src, 48), 16);
  }
}
