/** What all reductions share: which axes, the shape that is left, and the layout that the kernels take. */
import { resolveAxes, sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cast } from '../elementwise/cast.js';
import { permute } from '../movement/permute.js';

/** What becomes of the axes that are reduced. */
export interface ReduceOptions {
  /** Keep the reduced axes, with size 1. Default: false. */
  readonly keepDim?: boolean;
}

/** The axes to reduce: one, or several, none of them twice; undefined or an empty list: all, as in PyTorch. */
export type Axes = number | readonly number[] | undefined;

/** A reduction as the kernels see it. @internal */
export interface Folded {
  /** Of the dtype asked for, as [outer, reduce, inner]: the tensor given, or a copy with the reduced axes together. */
  readonly x: Tensor;
  /** The axes of x that are reduced, ascending. */
  readonly axes: readonly number[];
  /** Elements folded into each output. */
  readonly reduce: number;
  readonly inner: number;
  /** Number of outputs: outer·inner. */
  readonly outputs: number;
  /** Number of rows of `inner` elements: outer·reduce. */
  readonly rows: number;
  /** Shape of the result. */
  readonly shape: number[];
}

/**
 * Prepares a reduction of `given`, as `dtype`, over `axes`. Where other axes lie between the reduced ones (or after
 * them, if the kernel folds whole `rows` only), these are brought together at the end by a (recorded) permutation.
 * @internal
 */
export function foldAxes(
  given: Tensor,
  axes: Axes,
  { keepDim = false }: ReduceOptions,
  where: string,
  layout: 'any' | 'rows' = 'any',
  dtype: 'float32' | 'int32' = 'float32',
): Folded {
  const named = resolveAxes(Array.isArray(axes) && axes.length === 0 ? undefined : axes, given.rank, where);
  const shape = keepDim
    ? given.shape.map((length, axis) => (named.includes(axis) ? 1 : length))
    : given.shape.filter((_, axis) => !named.includes(axis));
  const source = cast(given, dtype);
  const first = named[0] ?? given.rank;
  const together =
    named.every((axis, i) => axis === first + i) && (layout === 'any' || first + named.length === given.rank);
  const kept = given.shape.map((_, axis) => axis).filter((axis) => !named.includes(axis));
  const x = together ? source : permute(source, [...kept, ...named]);
  const reduce = sizeOf(named.map((axis) => given.shape[axis]!));
  const outer = sizeOf(together ? given.shape.slice(0, first) : kept.map((axis) => given.shape[axis]!));
  const inner = together ? sizeOf(given.shape.slice(first + named.length)) : 1;
  const reduced = together ? named : named.map((_, i) => kept.length + i);
  return { x, axes: reduced, reduce, inner, outputs: outer * inner, rows: outer * reduce, shape };
}
