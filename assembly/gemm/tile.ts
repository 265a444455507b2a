import { f32x4_madd } from '../simd/vector';

/*
 * The micro-kernels: a tile of C in registers, started from memory, to which the products of one panel of A and one of
 * B are added, term after term.
 *
 *                      b  (8 columns per term, two vectors)
 *                      ├────┬────┤
 *      a (4 rows   ┬   │ c00│ c01│
 *      per term,   │   │ c10│ c11│      c[r] += splat(a[r]) · b
 *      splatted)   │   │ c20│ c21│
 *                  ┴   │ c30│ c31│
 *
 * Every element is summed by itself, one product after the other, whatever the tile: its bits do not depend on how C
 * is cut into tiles. (Measured: more rows spill registers, unrolling by hand does too.)
 */

/** c = start + Σ a·b, 4 rows × 4·vectors columns, of that max(0, ·) if `relu`. `c` may be `start`. Steps between rows in bytes. */
// @ts-ignore: decorator
@inline
function tile(c: usize, cStep: usize, start: usize, startStep: usize, a: usize, b: usize, depth: i32, relu: bool, vectors: i32): void {
  let c00 = v128.load(start), c01 = vectors > 1 ? v128.load(start, 16) : c00;
  start += startStep;
  let c10 = v128.load(start), c11 = vectors > 1 ? v128.load(start, 16) : c10;
  start += startStep;
  let c20 = v128.load(start), c21 = vectors > 1 ? v128.load(start, 16) : c20;
  start += startStep;
  let c30 = v128.load(start), c31 = vectors > 1 ? v128.load(start, 16) : c30;
  const end = a + (<usize>depth << 4);
  if (a != end) {
    do {
      const b0 = v128.load(b);
      const a0 = v128.load32_splat(a);
      c00 = f32x4_madd(a0, b0, c00);
      const a1 = v128.load32_splat(a, 4);
      c10 = f32x4_madd(a1, b0, c10);
      const a2 = v128.load32_splat(a, 8);
      c20 = f32x4_madd(a2, b0, c20);
      const a3 = v128.load32_splat(a, 12);
      c30 = f32x4_madd(a3, b0, c30);
      if (vectors > 1) {
        const b1 = v128.load(b, 16);
        c01 = f32x4_madd(a0, b1, c01);
        c11 = f32x4_madd(a1, b1, c11);
        c21 = f32x4_madd(a2, b1, c21);
        c31 = f32x4_madd(a3, b1, c31);
      }
      a += 16;
      b += 32;
    } while (a != end);
  }
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  v128.store(c, f32x4.pmax(c00, floor));
  if (vectors > 1) v128.store(c, f32x4.pmax(c01, floor), 16);
  c += cStep;
  v128.store(c, f32x4.pmax(c10, floor));
  if (vectors > 1) v128.store(c, f32x4.pmax(c11, floor), 16);
  c += cStep;
  v128.store(c, f32x4.pmax(c20, floor));
  if (vectors > 1) v128.store(c, f32x4.pmax(c21, floor), 16);
  c += cStep;
  v128.store(c, f32x4.pmax(c30, floor));
  if (vectors > 1) v128.store(c, f32x4.pmax(c31, floor), 16);
}

export function tile4x8(c: usize, cStep: usize, start: usize, startStep: usize, a: usize, b: usize, depth: i32, relu: bool): void {
  tile(c, cStep, start, startStep, a, b, depth, relu, 2);
}

export function tile4x4(c: usize, cStep: usize, start: usize, startStep: usize, a: usize, b: usize, depth: i32, relu: bool): void {
  tile(c, cStep, start, startStep, a, b, depth, relu, 1);
}
