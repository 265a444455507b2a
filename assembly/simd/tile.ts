import { f32x4_madd } from './vector';
import { WIDE } from './width';

/*
 * The register tile, of which all micro-kernels are made: sums of up to four rows × four vectors, or one row × 16,
 * to which the products of one term after the other are added.
 *
 *                      right (a term's vectors)
 *                      ├────┬────┤
 *      left (a value ┬ │ c00│ c01│
 *      of each row,  │ │ c10│ c11│      c[row][vector] += left[row] · right[vector]
 *      in all lanes) │ │ c20│ c21│
 *                    ┴ │ c30│ c31│
 *
 * Every element is summed by itself, one product after the other, whatever the tile: its bits do not depend on how a
 * result is cut into tiles. What differs between micro-kernels is how operands lie in memory: a class derived from
 * `TileOperands` says it. All of its methods are inlined and called with literal rows and vectors, as is `tile`, so
 * that nothing but loads, products and sums is left in the loop.
 *
 * (Measured: more than eight sums spill registers where engines have vectors of 128 bits, unrolling by hand does too.)
 */

/** Where the operands of a tile lie. `a` and `b` move from term to term. */
export abstract class TileOperands {
  /** Whether vectors are the inner loop of a term: all of them are then loaded first. Else rows are. */
  abstract vectorsInside(): bool;
  /** Whether terms come in blocks, between which `a` and `b` skip something. */
  abstract inBlocks(): bool;
  /**
   * Whether branches that are never taken part the loads of eight vectors: they keep V8 of Node 20 from loading all of
   * them before it adds the first, which spills. (31 instead of 17 GFLOP/s.) The wide kernels have none.
   */
  abstract parted(): bool;
  /** What a sum starts from. */
  abstract start(start: usize, step: usize, row: i32, vector: i32): v128;
  /** Address of a term's vectors. */
  abstract at(a: usize, b: usize, step: usize, rows: i32): usize;
  abstract left(a: usize, row: i32): v128;
  abstract right(at: usize, vector: i32): v128;
  abstract nextA(a: usize, rows: i32): usize;
  abstract nextB(b: usize, step: usize): usize;
  /** Writes a sum. `floor`: the least value, in all lanes. */
  abstract store(to: usize, step: usize, vectorStep: usize, row: i32, vector: i32, sum: v128, floor: v128): void;
}

/**
 * Sums a tile of rows × vectors, both literals: rows 1, 2 or 4; vectors 1, 2 or 4, or 8 or 16 of one row.
 *
 * @param to, step, vectorStep where sums go, and bytes between rows and vectors there; as the operands use them
 * @param start, startStep likewise for what they start from
 * @param bStep a distance for `at` and `nextB`: bytes from term to term of b, as a rule
 * @param bytes of a: all terms
 * @param blockBytes of a: the terms of a block, after which a and b skip `aSkip` and `bSkip` bytes
 */
// @ts-ignore: decorator
@inline
export function tile<T extends TileOperands>(
  rows: i32, vectors: i32, to: usize, step: usize, vectorStep: usize, low: f32, start: usize, startStep: usize,
  a: usize, b: usize, bStep: usize, bytes: usize, blockBytes: usize = 0, aSkip: usize = 0, bSkip: usize = 0,
): void {
  const t = changetype<T>(0);
  let c00 = t.start(start, startStep, 0, 0);
  let c01 = vectors > 1 ? t.start(start, startStep, 0, 1) : c00;
  let c02 = vectors > 2 ? t.start(start, startStep, 0, 2) : c00;
  let c03 = vectors > 2 ? t.start(start, startStep, 0, 3) : c00;
  let c04 = vectors > 4 ? t.start(start, startStep, 0, 4) : c00;
  let c05 = vectors > 4 ? t.start(start, startStep, 0, 5) : c00;
  let c06 = vectors > 4 ? t.start(start, startStep, 0, 6) : c00;
  let c07 = vectors > 4 ? t.start(start, startStep, 0, 7) : c00;
  let c08 = vectors > 8 ? t.start(start, startStep, 0, 8) : c00;
  let c09 = vectors > 8 ? t.start(start, startStep, 0, 9) : c00;
  let c0a = vectors > 8 ? t.start(start, startStep, 0, 10) : c00;
  let c0b = vectors > 8 ? t.start(start, startStep, 0, 11) : c00;
  let c0c = vectors > 8 ? t.start(start, startStep, 0, 12) : c00;
  let c0d = vectors > 8 ? t.start(start, startStep, 0, 13) : c00;
  let c0e = vectors > 8 ? t.start(start, startStep, 0, 14) : c00;
  let c0f = vectors > 8 ? t.start(start, startStep, 0, 15) : c00;
  let c10 = rows > 1 ? t.start(start, startStep, 1, 0) : c00;
  let c11 = rows > 1 && vectors > 1 ? t.start(start, startStep, 1, 1) : c00;
  let c12 = rows > 1 && vectors > 2 ? t.start(start, startStep, 1, 2) : c00;
  let c13 = rows > 1 && vectors > 2 ? t.start(start, startStep, 1, 3) : c00;
  let c20 = rows > 2 ? t.start(start, startStep, 2, 0) : c00;
  let c21 = rows > 2 && vectors > 1 ? t.start(start, startStep, 2, 1) : c00;
  let c22 = rows > 2 && vectors > 2 ? t.start(start, startStep, 2, 2) : c00;
  let c23 = rows > 2 && vectors > 2 ? t.start(start, startStep, 2, 3) : c00;
  let c30 = rows > 2 ? t.start(start, startStep, 3, 0) : c00;
  let c31 = rows > 2 && vectors > 1 ? t.start(start, startStep, 3, 1) : c00;
  let c32 = rows > 2 && vectors > 2 ? t.start(start, startStep, 3, 2) : c00;
  let c33 = rows > 2 && vectors > 2 ? t.start(start, startStep, 3, 3) : c00;
  if (bytes != 0) {
    do {
      const end = a + (t.inBlocks() ? min(bytes, blockBytes) : bytes);
      if (t.inBlocks()) bytes -= min(bytes, blockBytes);
      do {
        const at = t.at(a, b, bStep, rows);
        if (t.vectorsInside()) {
          const x0 = t.right(at, 0), x1 = vectors > 1 ? t.right(at, 1) : x0;
          const x2 = vectors > 2 ? t.right(at, 2) : x0, x3 = vectors > 2 ? t.right(at, 3) : x0;
          const w0 = t.left(a, 0);
          c00 = f32x4_madd(w0, x0, c00);
          if (vectors > 1) c01 = f32x4_madd(w0, x1, c01);
          if (vectors > 2) c02 = f32x4_madd(w0, x2, c02), c03 = f32x4_madd(w0, x3, c03);
          if (rows > 1) {
            const w1 = t.left(a, 1);
            c10 = f32x4_madd(w1, x0, c10);
            if (vectors > 1) c11 = f32x4_madd(w1, x1, c11);
            if (vectors > 2) c12 = f32x4_madd(w1, x2, c12), c13 = f32x4_madd(w1, x3, c13);
          }
          if (rows > 2) {
            const w2 = t.left(a, 2);
            c20 = f32x4_madd(w2, x0, c20);
            if (vectors > 1) c21 = f32x4_madd(w2, x1, c21);
            if (vectors > 2) c22 = f32x4_madd(w2, x2, c22), c23 = f32x4_madd(w2, x3, c23);
            const w3 = t.left(a, 3);
            c30 = f32x4_madd(w3, x0, c30);
            if (vectors > 1) c31 = f32x4_madd(w3, x1, c31);
            if (vectors > 2) c32 = f32x4_madd(w3, x2, c32), c33 = f32x4_madd(w3, x3, c33);
          }
        } else {
          const x0 = t.right(at, 0);
          const w0 = t.left(a, 0);
          c00 = f32x4_madd(w0, x0, c00);
          const w1 = rows > 1 ? t.left(a, 1) : w0;
          if (rows > 1) c10 = f32x4_madd(w1, x0, c10);
          const w2 = rows > 2 ? t.left(a, 2) : w0;
          if (rows > 2) c20 = f32x4_madd(w2, x0, c20);
          const w3 = rows > 2 ? t.left(a, 3) : w0;
          if (rows > 2) c30 = f32x4_madd(w3, x0, c30);
          if (vectors > 1) {
            const x1 = t.right(at, 1);
            c01 = f32x4_madd(w0, x1, c01);
            if (rows > 1) c11 = f32x4_madd(w1, x1, c11);
            if (rows > 2) c21 = f32x4_madd(w2, x1, c21), c31 = f32x4_madd(w3, x1, c31);
          }
          if (vectors > 2) {
            const x2 = t.right(at, 2);
            c02 = f32x4_madd(w0, x2, c02);
            if (rows > 1) c12 = f32x4_madd(w1, x2, c12);
            if (rows > 2) c22 = f32x4_madd(w2, x2, c22), c32 = f32x4_madd(w3, x2, c32);
            if (t.parted() && !WIDE && at == 1) break;
            const x3 = t.right(at, 3);
            c03 = f32x4_madd(w0, x3, c03);
            if (rows > 1) c13 = f32x4_madd(w1, x3, c13);
            if (rows > 2) c23 = f32x4_madd(w2, x3, c23), c33 = f32x4_madd(w3, x3, c33);
          }
          if (vectors > 4) {
            c04 = f32x4_madd(w0, t.right(at, 4), c04);
            c05 = f32x4_madd(w0, t.right(at, 5), c05);
            if (t.parted() && !WIDE && at == 1) break;
            c06 = f32x4_madd(w0, t.right(at, 6), c06);
            c07 = f32x4_madd(w0, t.right(at, 7), c07);
          }
          if (vectors > 8) {
            c08 = f32x4_madd(w0, t.right(at, 8), c08);
            c09 = f32x4_madd(w0, t.right(at, 9), c09);
            c0a = f32x4_madd(w0, t.right(at, 10), c0a);
            c0b = f32x4_madd(w0, t.right(at, 11), c0b);
            c0c = f32x4_madd(w0, t.right(at, 12), c0c);
            c0d = f32x4_madd(w0, t.right(at, 13), c0d);
            c0e = f32x4_madd(w0, t.right(at, 14), c0e);
            c0f = f32x4_madd(w0, t.right(at, 15), c0f);
          }
        }
        a = t.nextA(a, rows);
        b = t.nextB(b, bStep);
      } while (a != end);
      if (t.inBlocks()) {
        a += aSkip;
        b += bSkip;
      }
    } while (t.inBlocks() && bytes != 0);
  }
  const floor = f32x4.splat(low);
  t.store(to, step, vectorStep, 0, 0, c00, floor);
  if (vectors > 1) t.store(to, step, vectorStep, 0, 1, c01, floor);
  if (rows == 1 && vectors > 2) {
    t.store(to, step, vectorStep, 0, 2, c02, floor);
    t.store(to, step, vectorStep, 0, 3, c03, floor);
  }
  if (vectors > 4) {
    t.store(to, step, vectorStep, 0, 4, c04, floor);
    t.store(to, step, vectorStep, 0, 5, c05, floor);
    t.store(to, step, vectorStep, 0, 6, c06, floor);
    t.store(to, step, vectorStep, 0, 7, c07, floor);
  }
  if (vectors > 8) {
    t.store(to, step, vectorStep, 0, 8, c08, floor);
    t.store(to, step, vectorStep, 0, 9, c09, floor);
    t.store(to, step, vectorStep, 0, 10, c0a, floor);
    t.store(to, step, vectorStep, 0, 11, c0b, floor);
    t.store(to, step, vectorStep, 0, 12, c0c, floor);
    t.store(to, step, vectorStep, 0, 13, c0d, floor);
    t.store(to, step, vectorStep, 0, 14, c0e, floor);
    t.store(to, step, vectorStep, 0, 15, c0f, floor);
  }
  if (rows > 1) {
    t.store(to, step, vectorStep, 1, 0, c10, floor);
    if (vectors > 1) t.store(to, step, vectorStep, 1, 1, c11, floor);
  }
  if (rows > 2) {
    t.store(to, step, vectorStep, 2, 0, c20, floor);
    if (vectors > 1) t.store(to, step, vectorStep, 2, 1, c21, floor);
    t.store(to, step, vectorStep, 3, 0, c30, floor);
    if (vectors > 1) t.store(to, step, vectorStep, 3, 1, c31, floor);
  }
  // The right half of all rows comes last: where rows follow each other, so do the stores, which is how V8 finds pairs.
  if (rows > 1 && vectors > 2) {
    t.store(to, step, vectorStep, 0, 2, c02, floor), t.store(to, step, vectorStep, 0, 3, c03, floor);
    t.store(to, step, vectorStep, 1, 2, c12, floor), t.store(to, step, vectorStep, 1, 3, c13, floor);
    if (rows > 2) {
      t.store(to, step, vectorStep, 2, 2, c22, floor), t.store(to, step, vectorStep, 2, 3, c23, floor);
      t.store(to, step, vectorStep, 3, 2, c32, floor), t.store(to, step, vectorStep, 3, 3, c33, floor);
    }
  }
}

// ---- What operands are made of. Offsets in loads must be literals, therefore the lists. ----

/** Vector number `vector` of adjacent ones. */
// @ts-ignore: decorator
@inline
export function vectorAt(at: usize, vector: i32): v128 {
  if (vector == 0) return v128.load(at);
  if (vector == 1) return v128.load(at, 16);
  if (vector == 2) return v128.load(at, 32);
  if (vector == 3) return v128.load(at, 48);
  if (vector == 4) return v128.load(at, 64);
  if (vector == 5) return v128.load(at, 80);
  if (vector == 6) return v128.load(at, 96);
  if (vector == 7) return v128.load(at, 112);
  if (vector == 8) return v128.load(at, 128);
  if (vector == 9) return v128.load(at, 144);
  if (vector == 10) return v128.load(at, 160);
  if (vector == 11) return v128.load(at, 176);
  if (vector == 12) return v128.load(at, 192);
  if (vector == 13) return v128.load(at, 208);
  return vector == 14 ? v128.load(at, 224) : v128.load(at, 240);
}

/** Number `row` of adjacent floats, in all lanes. */
// @ts-ignore: decorator
@inline
export function splatAt(at: usize, row: i32): v128 {
  if (row == 0) return v128.load32_splat(at);
  if (row == 1) return v128.load32_splat(at, 4);
  return row == 2 ? v128.load32_splat(at, 8) : v128.load32_splat(at, 12);
}

/** Writes vector number `vector` of adjacent ones. */
// @ts-ignore: decorator
@inline
export function storeVectorAt(to: usize, vector: i32, value: v128): void {
  if (vector == 0) v128.store(to, value);
  else if (vector == 1) v128.store(to, value, 16);
  else if (vector == 2) v128.store(to, value, 32);
  else if (vector == 3) v128.store(to, value, 48);
  else if (vector == 4) v128.store(to, value, 64);
  else if (vector == 5) v128.store(to, value, 80);
  else if (vector == 6) v128.store(to, value, 96);
  else if (vector == 7) v128.store(to, value, 112);
  else if (vector == 8) v128.store(to, value, 128);
  else if (vector == 9) v128.store(to, value, 144);
  else if (vector == 10) v128.store(to, value, 160);
  else if (vector == 11) v128.store(to, value, 176);
  else if (vector == 12) v128.store(to, value, 192);
  else if (vector == 13) v128.store(to, value, 208);
  else if (vector == 14) v128.store(to, value, 224);
  else v128.store(to, value, 240);
}
