import { kernels, viewI32, withMemory, withScratch } from '../runtime/runtime.js';

export interface GemmOptions {
  /** A is stored [k, m]. */
  readonly transposeA?: boolean;
  /** B is stored [n, k]. */
  readonly transposeB?: boolean;
  /** Add to what C holds instead of overwriting it. */
  readonly accumulate?: boolean;
  /** Address of a row [n] to add to every row of C. */
  readonly bias?: number;
  /** Put 0 in place of what is negative. */
  readonly relu?: boolean;
  /** Operands that may hold many zeros (pixels, what leaves a ReLU): worth a count, and passing over them. */
  readonly mayBeSparse?: readonly ('a' | 'b')[];
}

/** Share of non-zeros up to which passing over the zeros is faster than multiplying by them (measured: 0.6 to 0.75). */
const SPARSE_BELOW = 0.6;
/** Products (m·n·k) below which the count is not worth it. */
const SPARSE_WORK = 200_000;
/** Fewest columns: the zero-skipping kernel sums 32 at once. */
const SPARSE_COLUMNS = 24;

/**
 * C = A·B over addresses: C [m,n], A [m,k], B [k,n], row-major. Every element is summed in the order of k, so the bits
 * do not depend on which of the kernels does it.
 */
export function gemm(c: number, a: number, b: number, m: number, n: number, k: number, options: GemmOptions = {}): void {
  multiply(c, a, b, m, n, k, options);
  if (options.relu === true) kernels.f32_relu_forward(c, c, 0, m * n);
}

function multiply(c: number, a: number, b: number, m: number, n: number, k: number, options: GemmOptions): void {
  const { transposeA = false, transposeB = false, accumulate = false, bias = 0, mayBeSparse = [] } = options;
  if (mayBeSparse.length > 0 && !accumulate && m * n * k >= SPARSE_WORK) {
    if (mayBeSparse.includes('a') && n >= SPARSE_COLUMNS && isSparse(a, m * k)) {
      if (skippingGemm(c, a, b, bias, m, n, k, transposeA, transposeB, false)) return;
    } else if (mayBeSparse.includes('b') && m >= SPARSE_COLUMNS && bias === 0 && isSparse(b, k * n)) {
      // Cᵀ = Bᵀ·Aᵀ puts the sparse operand on the left.
      if (skippingGemm(c, b, a, 0, n, m, k, !transposeB, !transposeA, true)) return;
    }
  }
  withScratch(4 * kernels.f32_gemm_scratch(m, k), (scratch) => {
    if (n > m) kernels.f32_gemm_columns(c, a, b, bias, scratch, m, n, k, transposeA, transposeB, accumulate, 0, n);
    else kernels.f32_gemm(c, a, b, bias, scratch, m, n, k, transposeA, transposeB, accumulate, 0, m);
  });
}

function isSparse(x: number, size: number): boolean {
  return kernels.f32_count_nonzero(x, size) < SPARSE_BELOW * size;
}

/** The product by lists of A's non-zeros; C is stored [n, m] when `transposeC`. False, with C undefined, where B (or the bias) is such that zeros count. */
export function skippingGemm(
  c: number, a: number, b: number, bias: number, m: number, n: number, k: number, transposeA: boolean, transposeB: boolean, transposeC: boolean,
): boolean {
  const panels = kernels.f32_gemm_skip_panels(n);
  const listBytes = 8 * kernels.f32_nonzero_list_entries(m, k);
  const endBytes = 4 * kernels.f32_nonzero_list_count(m, k);
  return withMemory(listBytes + endBytes + 4 * panels, (lists) => {
    const ends = lists + listBytes;
    const flags = ends + endBytes;
    kernels.f32_nonzero_lists(lists, ends, a, m, k, transposeA, 0, m);
    withScratch(4 * kernels.f32_gemm_skip_scratch(k), (scratch) => {
      kernels.f32_gemm_skip(c, flags, lists, ends, b, bias, scratch, m, n, k, transposeB, transposeC, 0, panels);
    });
    return viewI32(flags, panels).every((flag) => flag === 0);
  });
}
