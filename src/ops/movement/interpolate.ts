import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { tensor } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { broadcastTo } from '../elementwise/broadcast.js';
import { requireFloat } from '../elementwise/float.js';
import { matmul } from '../gemm/matmul.js';
import { take } from './indexSelect.js';
import { transpose } from './permute.js';
import { reshape } from './reshape.js';

/** How new elements follow from old ones. */
export type InterpolateMode = 'nearest' | 'linear' | 'bilinear';

/** The new size, and how elements are computed. One of `size` and `scaleFactor` must be given. */
export interface InterpolateOptions {
  /** Lengths of the axes behind the channels, or one for all. */
  readonly size?: number | readonly number[];
  /** How many times longer these axes become, or one factor for all; lengths are rounded down. */
  readonly scaleFactor?: number | readonly number[];
  /** Default 'nearest'. 'linear' is for [N,C,L], 'bilinear' for [N,C,H,W]. */
  readonly mode?: InterpolateMode;
  /** Whether the first and last elements stay at the ends. Default: false, the edges of the elements do. */
  readonly alignCorners?: boolean;
}

/** How options of `interpolate` look in examples of calls. @internal */
export const INTERPOLATION =
  "{ scaleFactor: 2.5|[1.5], mode: 'nearest'|'linear'|'bilinear', size: 1|[1], alignCorners: false }";

/**
 * Images (or sequences) of another size.
 *
 * y[…,i,…] = x[…,⌊i·s⌋,…]                                    nearest, s = old / new length, or 1 / scaleFactor
 * y[…,i,…] = (1 − λ)·x[…,k,…] + λ·x[…,k + 1,…]               linear and bilinear, along each axis, where
 *            k + λ = max(0, (i + ½)·s − ½), or with alignCorners i·(old − 1) / (new − 1)
 *
 * Shapes:   x [N,C,H,W] → [N,C,OH,OW], or [N,C,L] → [N,C,OL]; nearest also of three axes
 * Backward: each element of x receives dy times the weights that it has in y
 * Cost:     nearest copies; linear and bilinear are a product with a matrix along each axis
 * @throws {ArgumentError} unless one of size and scaleFactor is given, or when the mode does not fit the axes
 * @throws {ShapeError} when x has no axes behind the channels, or the result would have no elements
 * @see same as torch.nn.functional.interpolate
 * @example
 * interpolate(tensor([[[1, 2]]]), { scaleFactor: 2 }).toArray();                   // [[[1, 1, 2, 2]]]
 * interpolate(tensor([[[0, 4]]]), { size: 4, mode: 'linear' }).toArray();          // [[[0, 1, 3, 4]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const where = 'interpolate';
  checkArguments(`interpolate(x, options!=${INTERPOLATION})`, x, options);
  const { size, scaleFactor, mode = 'nearest', alignCorners = false } = options;
  requireFloat(where, { x });
  const axes = x.rank - 2;
  const given = scaleFactor ?? size;
  if (given === undefined || (size !== undefined && scaleFactor !== undefined))
    throw new ArgumentError('give either size or scaleFactor', { where });
  if (axes < 1 || (mode !== 'nearest' && axes !== (mode === 'linear' ? 1 : 2)))
    throw new ShapeError(`mode '${mode}' does not resize shape ${formatShape(x.shape)}`, {
      where,
      hint: "'bilinear' takes [N, C, H, W], 'linear' [N, C, L]",
    });
  if (alignCorners && mode === 'nearest')
    throw new ArgumentError("alignCorners has no meaning with 'nearest'", { where });
  if (typeof given !== 'number' && given.length !== axes)
    throw new ArgumentError(`${given.length} numbers are given for ${axes} axes`, { where });
  let y = reshape(x, x.shape);
  for (let axis = 2; axis < x.rank; axis++) {
    const from = x.shape[axis]!;
    const amount = typeof given === 'number' ? given : given[axis - 2]!;
    const to = Math.floor(scaleFactor === undefined ? amount : from * amount);
    if (!(to > 0 && from > 0 && to < Infinity))
      throw new ShapeError(`axis ${axis} of ${formatShape(x.shape)} cannot get length ${to}`, { where });
    const step = alignCorners ? (from - 1) / (to - 1 || 1) : scaleFactor === undefined ? from / to : 1 / amount;
    if (to === from && step === 1) continue;
    y = mode === 'nearest' ? nearest(y, axis, to, step) : linear(y, axis, to, step, alignCorners);
  }
  return y;
}

function nearest(x: Tensor, axis: number, to: number, step: number): Tensor {
  const from = x.shape[axis]!;
  const times = to / from;
  if (step * times === 1 && Number.isInteger(times)) {
    const apart = x.shape.toSpliced(axis + 1, 0, 1);
    return reshape(broadcastTo(reshape(x, apart), apart.with(axis + 1, times)), x.shape.with(axis, to));
  }
  // In float32, as PyTorch.
  const at = (i: number): number => Math.min(Math.floor(Math.fround(i * Math.fround(step))), from - 1);
  return take(x, axis, tensor(Int32Array.from({ length: to }, (_, i) => at(i))));
}

function linear(x: Tensor, axis: number, to: number, step: number, alignCorners: boolean): Tensor {
  const from = x.shape[axis]!;
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const place = alignCorners ? i * step : Math.max(0, (i + 0.5) * step - 0.5);
    const first = Math.min(Math.floor(place), from - 1);
    const part = Math.min(place - first, 1);
    weights[i * from + first] = 1 - part;
    weights[i * from + Math.min(first + 1, from - 1)]! += part;
  }
  return mixAlong(x, axis, tensor(weights, { shape: [to, from] }));
}

/** y[…,i,…] = Σₖ weights[i,k]·x[…,k,…] at `axis`. @internal */
export function mixAlong(x: Tensor, axis: number, weights: Tensor): Tensor {
  if (axis === x.rank - 1) return matmul(x, transpose(weights));
  if (axis === x.rank - 2) return matmul(weights, x);
  return transpose(mixAlong(transpose(x, axis, -1), x.rank - 1, weights), axis, -1);
}
