import { assertApart, assertSizes } from '../assert';

/**
 * Sizes of a matrix product C = A·B, as kernels read them from memory: C [m,n], A [m,k], or [k,m] where `transposeA` is
 * 1, B [k,n], or [n,k] where `transposeB` is 1. All row-major and contiguous.
 */
@unmanaged
export class GemmShape {
  m: i32;
  n: i32;
  k: i32;
  transposeA: i32;
  transposeB: i32;
}

export function assertGemmShape(shape: GemmShape): void {
  if (ASC_NO_ASSERT) return;
  assertSizes(shape.m | shape.n | shape.k);
  assert(
    (shape.transposeA | 1) == 1 && (shape.transposeB | 1) == 1,
    'a matrix product: 0 or 1 is expected for transposeA and transposeB');
}

/** C is written and overlaps neither operand. */
export function assertGemmOperands(shape: GemmShape, c: usize, a: usize, b: usize): void {
  if (ASC_NO_ASSERT) return;
  const cBytes = <usize>(shape.m * shape.n) << 2;
  assertApart(c, cBytes, a, <usize>(shape.m * shape.k) << 2);
  assertApart(c, cBytes, b, <usize>(shape.k * shape.n) << 2);
}
