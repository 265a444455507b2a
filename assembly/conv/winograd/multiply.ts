import { f32x4_madd } from '../../simd/vector';

/*
 * The products of one place. Tiles × channels stand in blocks of 4 × 4, a cache line each:
 *
 *     t0c0 t0c1 t0c2 t0c3 │ t1c0 t1c1 t1c2 t1c3 │ t2c0 … │ t3c0 …     then channels 4 to 7 of the same tiles, and so on
 *
 * so that a transform writes its vector of four channels as it is, and a product reads rows and columns alike.
 *
 * The micro-kernels keep 4 × 8 or 4 × 4 sums in registers. (Their loops within loops are not only for the blocks: without
 * them Node 20 spills a register, which costs an eighth.)
 */

/** m [tiles, outputs] = v [tiles, channels] · u [channels, outputs]; m and v in blocks, the rows of u in fours. */
export function multiply(m: usize, v: usize, u: usize, tiles: i32, channels: i32, outputs: i32): void {
  const vStep = <usize>((channels + 3) & ~3) << 4;
  const width = <usize>outputs << 2;
  for (let tile = 0; tile < tiles; tile += 4, v += vStep) {
    let column: usize = 0;
    for (; column + 32 <= width; column += 32, m += 128) tilesTimes8(m, v, u + column, width, channels);
    if (column < width) {
      tilesTimes4(m, v, u + column, width, channels);
      m += 64;
    }
  }
}

/** Four tiles times 4·vectors outputs: two blocks or one. */
// @ts-ignore: decorator
@inline
function tilesTimes(m: usize, v: usize, u: usize, width: usize, channels: i32, vectors: i32): void {
  let m00 = f32x4.splat(0), m10 = m00, m20 = m00, m30 = m00, m01 = m00, m11 = m00, m21 = m00, m31 = m00;
  const end = u + <usize>channels * width;
  do {
    const stop = min(u + 4 * width, end);
    do {
      const u0 = v128.load(u);
      const v0 = v128.load32_splat(v);
      m00 = f32x4_madd(v0, u0, m00);
      const v1 = v128.load32_splat(v, 16);
      m10 = f32x4_madd(v1, u0, m10);
      const v2 = v128.load32_splat(v, 32);
      m20 = f32x4_madd(v2, u0, m20);
      const v3 = v128.load32_splat(v, 48);
      m30 = f32x4_madd(v3, u0, m30);
      if (vectors > 1) {
        const u1 = v128.load(u, 16);
        m01 = f32x4_madd(v0, u1, m01);
        m11 = f32x4_madd(v1, u1, m11);
        m21 = f32x4_madd(v2, u1, m21);
        m31 = f32x4_madd(v3, u1, m31);
      }
      v += 4;
      u += width;
    } while (u != stop);
    v += 48;
  } while (u != end);
  v128.store(m, m00);
  v128.store(m, m10, 16);
  v128.store(m, m20, 32);
  v128.store(m, m30, 48);
  if (vectors > 1) {
    v128.store(m, m01, 64);
    v128.store(m, m11, 80);
    v128.store(m, m21, 96);
    v128.store(m, m31, 112);
  }
}

function tilesTimes8(m: usize, v: usize, u: usize, width: usize, channels: i32): void {
  tilesTimes(m, v, u, width, channels, 2);
}

function tilesTimes4(m: usize, v: usize, u: usize, width: usize, channels: i32): void {
  tilesTimes(m, v, u, width, channels, 1);
}

/** sum [outputs, channels] = p [tiles, outputs]ᵀ · v [tiles, channels], or += with `add`; p and v in blocks, outputs and channels in fours. */
export function multiplyTransposed(sum: usize, p: usize, v: usize, tiles: i32, outputs: i32, channels: i32, add: bool): void {
  const width = <usize>channels << 2;
  const pStep = <usize>outputs << 4;
  for (const end = p + pStep; p < end; p += 64, sum += width << 2) {
    let column: usize = 0;
    for (; column + 32 <= width; column += 32) sumOfTiles8(sum + column, width, p, pStep, v + column * 4, tiles, add);
    if (column < width) sumOfTiles4(sum + column, width, p, pStep, v + column * 4, tiles, add);
  }
}

/** Four outputs times 4·vectors channels. */
// @ts-ignore: decorator
@inline
function sumOfTiles(sum: usize, width: usize, p: usize, pStep: usize, v: usize, tiles: i32, add: bool, vectors: i32): void {
  let s00 = f32x4.splat(0), s10 = s00, s20 = s00, s30 = s00, s01 = s00, s11 = s00, s21 = s00, s31 = s00;
  if (add) {
    s00 = v128.load(sum), s10 = v128.load(sum + width), s20 = v128.load(sum + 2 * width), s30 = v128.load(sum + 3 * width);
    if (vectors > 1) s01 = v128.load(sum, 16), s11 = v128.load(sum + width, 16), s21 = v128.load(sum + 2 * width, 16), s31 = v128.load(sum + 3 * width, 16);
  }
  const vStep = width << 2;
  for (; tiles > 0; tiles -= 4, p += pStep, v += vStep) {
    let at: usize = 0;
    const stop = <usize>min(tiles, 4) << 4;
    do {
      const v0 = v128.load(v + at);
      const p0 = v128.load32_splat(p + at);
      s00 = f32x4_madd(p0, v0, s00);
      const p1 = v128.load32_splat(p + at, 4);
      s10 = f32x4_madd(p1, v0, s10);
      const p2 = v128.load32_splat(p + at, 8);
      s20 = f32x4_madd(p2, v0, s20);
      const p3 = v128.load32_splat(p + at, 12);
      s30 = f32x4_madd(p3, v0, s30);
      if (vectors > 1) {
        const v1 = v128.load(v + at, 64);
        s01 = f32x4_madd(p0, v1, s01);
        s11 = f32x4_madd(p1, v1, s11);
        s21 = f32x4_madd(p2, v1, s21);
        s31 = f32x4_madd(p3, v1, s31);
      }
      at += 16;
    } while (at != stop);
  }
  v128.store(sum, s00);
  v128.store(sum + width, s10);
  v128.store(sum + 2 * width, s20);
  v128.store(sum + 3 * width, s30);
  if (vectors > 1) {
    v128.store(sum, s01, 16);
    v128.store(sum + width, s11, 16);
    v128.store(sum + 2 * width, s21, 16);
    v128.store(sum + 3 * width, s31, 16);
  }
}

function sumOfTiles8(sum: usize, width: usize, p: usize, pStep: usize, v: usize, tiles: i32, add: bool): void {
  sumOfTiles(sum, width, p, pStep, v, tiles, add, 2);
}

function sumOfTiles4(sum: usize, width: usize, p: usize, pStep: usize, v: usize, tiles: i32, add: bool): void {
  sumOfTiles(sum, width, p, pStep, v, tiles, add, 1);
}
