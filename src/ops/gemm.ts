import { kernels, withScratch } from '../runtime/runtime.js';

export interface GemmOptions {
  /** A is stored [k, m]. */
  readonly transposeA?: boolean;
  /** B is stored [n, k]. */
  readonly transposeB?: boolean;
  /** Add to what C holds instead of overwriting it. */
  readonly accumulate?: boolean;
  /** Address of a row [n] to add to every row of C. */
  readonly bias?: number;
}

/** C = A·B over addresses: C [m,n], A [m,k], B [k,n], row-major. */
export function gemm(c: number, a: number, b: number, m: number, n: number, k: number, options: GemmOptions = {}): void {
  const { transposeA = false, transposeB = false, accumulate = false, bias = 0 } = options;
  withScratch(4 * kernels.f32_gemm_scratch(m, k), (scratch) => {
    kernels.f32_gemm(c, a, b, bias, scratch, m, n, k, transposeA, transposeB, accumulate, 0, m);
  });
}
