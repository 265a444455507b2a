/** Reads the values that callers give for a tensor: numbers, nested arrays, typed arrays. */
import { describe } from '../runtime/describe.js';
import { ArgumentError, ShapeError } from '../runtime/errors.js';
import { type DType, dtypeOf, typedArrayName } from './dtype.js';
import { type Shape, sizeOf } from './shape.js';

/** A typed array of numbers. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * What a tensor can be made of: a number or boolean, a typed array, or arrays of these, nested as deep as the shape is
 * long.
 */
export type TensorValues = number | boolean | NumericArray | readonly TensorValues[];

/** Values in row-major order, not yet checked one by one. */
export interface ReadValues {
  readonly shape: number[];
  /** That of the typed arrays, where all values come from typed arrays of one dtype; else float32. */
  readonly dtype: DType;
  readonly flat: ArrayLike<unknown>;
}

/**
 * Finds the shape of the values, and brings them into one array.
 *
 * @throws {ArgumentError} when they are neither a number nor an array
 * @throws {ShapeError} when nested arrays are ragged
 */
export function readValues(values: unknown, where: string): ReadValues {
  if (typedArrayName(values) !== undefined) {
    const typed = values as ArrayLike<unknown>;
    return { shape: [typed.length], dtype: dtypeOf(typed, where), flat: typed };
  }
  if (!Array.isArray(values) && typeof values !== 'number' && typeof values !== 'boolean') {
    throw new ArgumentError(`expected a number, (nested) arrays of numbers or a typed array, not ${describe(values)}`, {
      where,
    });
  }
  const shape = nestedShape(values);
  const flat: unknown[] = [];
  const dtypes = new Set<DType>();
  const ragged = (found: string, axis: number): ShapeError =>
    new ShapeError(
      `nested arrays are ragged: ${found} ` +
        `where ${axis < shape.length ? `an array of ${shape[axis]}` : 'a number'} is expected`,
      { where },
    );
  const walk = (level: unknown, axis: number): void => {
    const typed = typedArrayName(level) !== undefined;
    if (!typed && !Array.isArray(level)) {
      if (axis !== shape.length) throw ragged(describe(level), axis);
      flat.push(level);
      dtypes.add('float32');
      return;
    }
    const items = level as ArrayLike<unknown>;
    if (items.length !== shape[axis]) throw ragged(`an array of ${items.length}`, axis);
    if (typed && axis !== shape.length - 1) throw ragged(`a number`, axis + 1);
    if (typed) dtypes.add(dtypeOf(items, where));
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (!typed) walk(item, axis + 1);
      else flat.push(typeof item === 'bigint' ? Number(item) : item);
    }
  };
  walk(values, 0);
  return { shape, dtype: dtypes.size === 1 ? [...dtypes][0]! : 'float32', flat };
}

function nestedShape(values: unknown): number[] {
  const shape: number[] = [];
  let level = values;
  for (; Array.isArray(level); level = (level as unknown[])[0]) shape.push(level.length);
  if (typedArrayName(level) !== undefined) shape.push((level as ArrayLike<unknown>).length);
  return shape;
}

/** `the value at [1][2]`: an element by its position in row-major order. */
export function nameOf(position: number, shape: Shape): string {
  let rest = position;
  const indices = shape.map((_, axis) => {
    const stride = sizeOf(shape.slice(axis + 1));
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return index;
  });
  return indices.length === 0 ? 'the value' : `the value at ${indices.map((index) => `[${index}]`).join('')}`;
}
