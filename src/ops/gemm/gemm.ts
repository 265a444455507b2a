import { type Address, type OptionalAddress, offset } from '../../runtime/address.js';
import { viewI32 } from '../../runtime/memory.js';
import { type RecordOf, withRecord } from '../../runtime/records.js';
import { kernels } from '../../runtime/runtime.js';
import { withMemory, withScratch } from '../../runtime/scratch.js';
import { BATCH, SAMPLE, SPARSE_BELOW, SPARSE_COLUMNS, SPARSE_WORK } from './tuning.js';

export type GemmShape = RecordOf<'GemmShape'>;

export interface GemmOptions {
  /** A is stored [k, m]. */
  readonly transposeA?: boolean;
  /** B is stored [n, k]. */
  readonly transposeB?: boolean;
  /** Add to what C holds instead of overwriting it. */
  readonly accumulate?: boolean;
  /** Address of a row [n] to add to every row of C. */
  readonly bias?: OptionalAddress;
  /** max(0, ·) of the finished result, as the operation `relu`: NaN and −0 stay. */
  readonly relu?: boolean;
  /** Operands that may hold many zeros (pixels, what leaves a ReLU): worth a count, and passing over them. */
  readonly mayBeSparse?: readonly ('a' | 'b')[];
}

/**
 * C = A·B over addresses: C [m,n], A [m,k], B [k,n], row-major. Every element is summed in the order of k, so the bits
 * do not depend on which of the kernels does it.
 */
export function gemm(
  c: Address,
  a: Address,
  b: Address,
  m: number,
  n: number,
  k: number,
  options: GemmOptions = {},
): void {
  const {
    transposeA = false,
    transposeB = false,
    accumulate = false,
    bias = 0,
    relu = false,
    mayBeSparse = [],
  } = options;
  if (m === 1) {
    kernels.f32_matvec(c, b, a, bias, n, k, !transposeB, accumulate, relu, 0, n);
    return;
  }
  if (n === 1 && bias === 0) {
    kernels.f32_matvec(c, a, b, 0, m, k, transposeA, accumulate, relu, 0, m);
    return;
  }
  const shape = { m, n, k, transposeA: Number(transposeA), transposeB: Number(transposeB) };
  if (mayBeSparse.length > 0 && !accumulate && m * n * k >= SPARSE_WORK) {
    const densityA = mayBeSparse.includes('a') && n >= SPARSE_COLUMNS ? density(a, m * k) : 1;
    const densityB = mayBeSparse.includes('b') && m >= SPARSE_COLUMNS && bias === 0 ? density(b, k * n) : 1;
    if (Math.min(densityA, densityB) < SPARSE_BELOW) {
      const done =
        densityA <= densityB
          ? sparseGemm(c, a, b, shape, { bias, relu })
          : sparseGemm(c, b, a, transposed(shape), { transposeC: true, relu });
      if (done) return;
    }
  }
  withRecord('GemmShape', shape, (record) =>
    withScratch(4 * kernels.f32_gemm_scratch(record), (scratch) => {
      if (n > m) kernels.f32_gemm_columns(c, a, b, bias, record, scratch, accumulate, relu, 0, n);
      else kernels.f32_gemm(c, a, b, bias, record, scratch, accumulate, relu, 0, m);
    }),
  );
}

/** The shape of Cᵀ = Bᵀ·Aᵀ, which puts B on the left. */
export function transposed({ m, n, k, transposeA, transposeB }: GemmShape): GemmShape {
  return { m: n, n: m, k, transposeA: 1 - transposeB, transposeB: 1 - transposeA };
}

/**
 * `count` products, C one after the other; those of A and B begin `aStep` and `bStep` elements apart (0: the same one
 * for all).
 */
export function gemmBatch(
  c: Address,
  a: Address,
  b: Address,
  count: number,
  m: number,
  n: number,
  k: number,
  aStep: number,
  bStep: number,
  options: Pick<GemmOptions, 'transposeA' | 'transposeB'> = {},
): void {
  const { transposeA = false, transposeB = false } = options;
  if (count >= BATCH && m > 1 && n > 1) {
    const shape = { m, n, k, transposeA: Number(transposeA), transposeB: Number(transposeB) };
    withRecord('GemmShape', shape, (record) =>
      withScratch(4 * kernels.f32_gemm_scratch(record), (scratch) => {
        kernels.f32_gemm_batch(c, a, b, record, scratch, aStep, bStep, 0, count);
      }),
    );
    return;
  }
  for (let i = 0; i < count; i++) {
    gemm(offset(c, 4 * i * m * n), offset(a, 4 * i * aStep), offset(b, 4 * i * bStep), m, n, k, options);
  }
}

/** Share of non-zeros among the first elements of x. */
export function density(x: Address, size: number): number {
  const looked = Math.min(size, SAMPLE);
  return kernels.f32_count_nonzero(x, looked) / looked;
}

interface SparseOptions extends Pick<GemmOptions, 'bias' | 'relu'> {
  /** C is stored [n, m]. */
  readonly transposeC?: boolean;
}

/** The product by lists of A's non-zeros. False, with C undefined, where B (or the bias) is such that zeros count. */
export function sparseGemm(c: Address, a: Address, b: Address, shape: GemmShape, options: SparseOptions = {}): boolean {
  const { transposeC = false, bias = 0, relu = false } = options;
  return withRecord('GemmShape', shape, (record) => {
    const panels = kernels.f32_gemm_sparse_panels(record);
    const listBytes = 8 * kernels.f32_nonzero_list_entries(record);
    const endBytes = 4 * kernels.f32_nonzero_list_count(record);
    return withMemory(listBytes + endBytes + 4 * panels, (lists) => {
      const ends = offset(lists, listBytes);
      const flags = offset(ends, endBytes);
      kernels.f32_nonzero_lists(lists, ends, a, record, 0, shape.m);
      withScratch(4 * kernels.f32_gemm_sparse_scratch(record), (scratch) => {
        kernels.f32_gemm_sparse(c, flags, lists, ends, b, bias, record, scratch, transposeC, relu, 0, panels);
      });
      return viewI32(flags, panels).every((flag) => flag === 0);
    });
  });
}
