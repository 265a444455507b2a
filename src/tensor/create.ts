/** Tensors from numbers. (Random ones are in `ops/random.ts`: they need a kernel.) */
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../runtime/errors.js';
import { copyBytes } from '../runtime/memory.js';
import { bytesPerElement, checkDType, checkValues, copyValues, type DType, type TypedArray } from './dtype.js';
import { checkShape, formatShape, type Shape, sizeOf } from './shape.js';
import { addressOf, Tensor } from './tensor.js';
import { nameOf, readValues, type TensorValues } from './values.js';

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

/** The same elements in memory of their own. @internal */
export function copyOf(x: Tensor): Tensor {
  const y = empty(x.shape, x.dtype);
  copyBytes(addressOf(y), addressOf(x), bytesPerElement(x.dtype) * x.size);
  return y;
}

/**
 * A tensor of the given values: a number or boolean, (nested) arrays of them, a typed array, or arrays of typed arrays.
 *
 * Without `dtype`, numbers give float32. Typed arrays give float32 where they hold floats (Float64Array is rounded),
 * uint8 where they hold bytes (Uint8Array, Uint8ClampedArray, Buffer), else int32. With an integer `dtype`, fractions
 * are cut off.
 *
 * @throws {ShapeError} when nested arrays are ragged, or the values do not fill `shape`
 * @throws {ArgumentError} when a value is not a number
 * @throws {DTypeError} when a number does not fit the dtype, or `dtype` is not one
 * @example
 * tensor([[1, 2], [3, 4]]).shape;   // [2, 2]
 * tensor(new Float32Array(6), { shape: [2, 3], requiresGrad: true });
 */
export function tensor(values: TensorValues, options: FromOptions = {}): Tensor {
  checkArguments('tensor(values=any, { shape: [2, 3], dtype: "int32", requiresGrad: false })', values, options);
  const where = 'tensor';
  const given = readValues(values, where);
  const dtype = checkOptions({ ...options, dtype: options.dtype ?? given.dtype }, where);
  checkValues(given.flat, dtype, where, (position) => nameOf(position, given.shape));
  const shape = options.shape ?? given.shape;
  checkShape(shape, where);
  const count = given.flat.length;
  if (sizeOf(shape) !== count)
    throw new ShapeError(`${count} values do not fill shape ${formatShape(shape)}`, { where });
  const result = empty([...shape], dtype);
  copyValues(result.view(), given.flat);
  result.requiresGrad = options.requiresGrad === true;
  return result;
}

/**
 * The dtype that the options ask for. @throws {DTypeError | ArgumentError} when there is no such dtype, or it can have
 * no gradient
 */
function checkOptions({ dtype = 'float32', requiresGrad }: TensorOptions, where: string): DType {
  checkDType(dtype, where);
  if (requiresGrad === true && dtype !== 'float32') {
    throw new ArgumentError(`only float32 tensors can require a gradient, not ${dtype}`, {
      where,
      hint: "leave out dtype, or use { dtype: 'float32' }",
    });
  }
  return dtype;
}

/**
 * A tensor whose elements `fill` writes.
 *
 * @param extremes numbers that must fit the dtype if all elements are to
 */
function filled(
  where: string,
  shape: Shape,
  options: TensorOptions,
  extremes: readonly number[],
  fill: (view: TypedArray) => void,
): Tensor {
  checkShape(shape, where);
  const dtype = checkOptions(options, where);
  if (sizeOf(shape) > 0) checkValues(extremes, dtype, where, () => 'the value');
  const result = empty([...shape], dtype);
  fill(result.view());
  result.requiresGrad = options.requiresGrad === true;
  return result;
}

/** All elements equal to `value`. @throws {DTypeError} when it does not fit the dtype */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  checkArguments('full(shape=[2, 3], value=0.5|NaN, { dtype: "int32", requiresGrad: false })', shape, value, options);
  return filled('full', shape, options, [value], (view) => {
    view.fill(value);
  });
}

/** All elements 0. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  checkArguments('zeros(shape=[2, 3], { dtype: "int32", requiresGrad: false })', shape, options);
  return filled('zeros', shape, options, [], (view) => {
    view.fill(0);
  });
}

/** All elements 1. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  checkArguments('ones(shape=[2, 3], { dtype: "int32", requiresGrad: false })', shape, options);
  return filled('ones', shape, options, [], (view) => {
    view.fill(1);
  });
}

/** Zeros of the shape and dtype of `like`. */
export function zerosLike(like: Tensor): Tensor {
  checkArguments('zerosLike(x)', like);
  return zeros(like.shape, { dtype: like.dtype });
}

/** Ones of the shape and dtype of `like`. */
export function onesLike(like: Tensor): Tensor {
  checkArguments('onesLike(x)', like);
  return ones(like.shape, { dtype: like.dtype });
}

/** What kind of range is made. */
export interface RangeOptions extends TensorOptions {
  readonly step?: number;
}

const ARANGE_CALL = 'arange(start=0.5, end?=5.5, { step: 0.5, dtype: "int32", requiresGrad: false })';

/**
 * `start, start + step, …` up to but without `end`; with one argument, `0, 1, …, end − 1`.
 *
 * @throws {ArgumentError} when `step` is 0 or leads away from `end`
 * @throws {DTypeError} when a number does not fit the dtype
 */
export function arange(startOrEnd: number, end?: number, options: RangeOptions = {}): Tensor {
  checkArguments(ARANGE_CALL, startOrEnd, end, options);
  const start = end === undefined ? 0 : startOrEnd;
  const stop = end ?? startOrEnd;
  const { step = 1 } = options;
  const length = Math.ceil((stop - start) / step);
  if (!Number.isFinite(length) || length < 0)
    throw new ArgumentError(`no steps of ${step} lead from ${start} to ${stop}`, { where: 'arange' });
  const at = (i: number): number => start + i * step;
  return filled('arange', [length], options, [start, at(length - 1)], (view) => {
    for (let i = 0; i < length; i++) view[i] = at(i);
  });
}

const LINSPACE_CALL = 'linspace(start=0.5, end=1.5, count=0, { dtype: "int32", requiresGrad: false })';

/**
 * `count` numbers evenly from `start` to `end`, both included. @throws {DTypeError} when a number does not fit the
 * dtype
 */
export function linspace(start: number, end: number, count: number, options: TensorOptions = {}): Tensor {
  checkArguments(LINSPACE_CALL, start, end, count, options);
  return filled('linspace', [count], options, [start, end], (view) => {
    for (let i = 0; i < count; i++)
      view[i] = i === count - 1 && count > 1 ? end : start + (i * (end - start)) / Math.max(count - 1, 1);
  });
}

/** The identity: ones on the diagonal of an [n, m] matrix (m = n when not given). */
export function eye(n: number, m = n, options: TensorOptions = {}): Tensor {
  checkArguments('eye(n=0, m?=0, { dtype: "int32", requiresGrad: false })', n, m, options);
  return filled('eye', [n, m], options, [], (view) => {
    view.fill(0);
    for (let i = 0; i < Math.min(n, m); i++) view[i * m + i] = 1;
  });
}
