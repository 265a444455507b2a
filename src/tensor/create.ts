/** Tensors from numbers. (Random ones are in `ops/random.ts`: they need a kernel.) */
import { ArgumentError, ShapeError } from '../runtime/errors.js';
import { dtypeOf, type DType, type TypedArray } from './dtype.js';
import { checkShape, formatShape, sizeOf, type Shape } from './shape.js';
import { Tensor, type NestedArray } from './tensor.js';

/** What kind of tensor is made. */
export interface TensorOptions {
  /** Default: float32. */
  readonly dtype?: DType;
  /** Record operations on it for `backward()`. Default: false. */
  readonly requiresGrad?: boolean;
}

/** What kind of tensor is made of given values. */
export interface FromOptions extends TensorOptions {
  /** Shape to give to a flat array; default: its length, or the nesting of the arrays. */
  readonly shape?: Shape;
}

/** A tensor whose elements are yet undefined: for outputs that a kernel fills completely. @internal */
export function empty(shape: Shape, dtype: DType = 'float32'): Tensor {
  return new Tensor(shape, dtype);
}

/**
 * A tensor of the given values: a number, (nested) arrays of numbers or booleans, or a typed array (whose dtype it takes).
 *
 * @throws {ShapeError} when nested arrays are ragged, or the values do not fill `shape`
 * @example
 * tensor([[1, 2], [3, 4]]).shape;   // [2, 2]
 * tensor(new Float32Array(6), { shape: [2, 3], requiresGrad: true });
 */
export function tensor(values: NestedArray | boolean[] | TypedArray, options: FromOptions = {}): Tensor {
  const typed = ArrayBuffer.isView(values);
  const natural = typed ? [values.length] : nestedShape(values as NestedArray);
  const shape = options.shape ?? natural;
  checkShape(shape, 'tensor');
  if (sizeOf(shape) !== sizeOf(natural)) throw new ShapeError(`${sizeOf(natural)} values do not fill shape ${formatShape(shape)}`, { where: 'tensor' });
  const flat = typed ? values : flatten(values as NestedArray, natural);
  const result = empty([...shape], options.dtype ?? (typed ? dtypeOf(values) : 'float32'));
  result.view().set(flat);
  return withGrad(result, options);
}

function nestedShape(values: NestedArray): number[] {
  const shape: number[] = [];
  for (let level: NestedArray | undefined = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

function flatten(values: NestedArray, shape: Shape): number[] {
  const flat: number[] = [];
  const walk = (level: NestedArray, axis: number): void => {
    if (!Array.isArray(level)) {
      if (axis !== shape.length) throw new ShapeError(`nested arrays are ragged: a number where an array of ${shape[axis]} stands elsewhere`, { where: 'tensor' });
      flat.push(Number(level));
    } else if (level.length !== shape[axis]) {
      throw new ShapeError(`nested arrays are ragged: ${level.length} items where ${shape[axis] ?? 'a number'} stands elsewhere`, { where: 'tensor' });
    } else {
      for (const item of level) walk(item, axis + 1);
    }
  };
  walk(values, 0);
  return flat;
}

function withGrad(result: Tensor, options: TensorOptions): Tensor {
  if (options.requiresGrad === true) {
    if (result.dtype !== 'float32') throw new ArgumentError(`only float32 tensors can require a gradient, not ${result.dtype}`, { where: 'requiresGrad' });
    result.requiresGrad = true;
  }
  return result;
}

/** All elements equal to `value`. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  checkShape(shape, 'full');
  const result = empty([...shape], options.dtype);
  result.view().fill(value);
  return withGrad(result, options);
}

/** All elements 0. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** All elements 1. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** Zeros of the shape and dtype of `like`. */
export function zerosLike(like: Tensor): Tensor {
  return zeros(like.shape, { dtype: like.dtype });
}

/** Ones of the shape and dtype of `like`. */
export function onesLike(like: Tensor): Tensor {
  return ones(like.shape, { dtype: like.dtype });
}

/** What kind of range is made. */
export interface RangeOptions extends TensorOptions {
  readonly step?: number;
}

/**
 * `start, start + step, …` up to but without `end`; with one argument, `0, 1, …, end − 1`.
 *
 * @throws {ArgumentError} when `step` is 0 or leads away from `end`
 */
export function arange(startOrEnd: number, end?: number, options: RangeOptions = {}): Tensor {
  const start = end === undefined ? 0 : startOrEnd;
  const stop = end ?? startOrEnd;
  const { step = 1 } = options;
  const length = Math.ceil((stop - start) / step);
  if (!Number.isFinite(length) || length < 0) throw new ArgumentError(`no steps of ${step} lead from ${start} to ${stop}`, { where: 'arange' });
  const result = empty([length], options.dtype);
  const view = result.view();
  for (let i = 0; i < length; i++) view[i] = start + i * step;
  return withGrad(result, options);
}

/** `count` numbers evenly from `start` to `end`, both included. */
export function linspace(start: number, end: number, count: number, options: TensorOptions = {}): Tensor {
  checkShape([count], 'linspace');
  const result = empty([count], options.dtype);
  const view = result.view();
  for (let i = 0; i < count; i++) view[i] = i === count - 1 && count > 1 ? end : start + (i * (end - start)) / Math.max(count - 1, 1);
  return withGrad(result, options);
}

/** The identity: ones on the diagonal of an [n, m] matrix (m = n when not given). */
export function eye(n: number, m = n, options: TensorOptions = {}): Tensor {
  const result = zeros([n, m], options);
  const view = result.view();
  for (let i = 0; i < Math.min(n, m); i++) view[i * m + i] = 1;
  return result;
}
