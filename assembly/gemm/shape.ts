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
