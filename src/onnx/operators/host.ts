/** Arithmetic on the numbers that shapes are computed with: in JavaScript, exactly, without a tensor. */
import { broadcastShapes, broadcastStrides, type Shape, sizeOf, stridesOf } from '../../tensor/shape.js';
import { isFloat } from '../elements.js';
import { Value } from '../values.js';
import type { Call } from './call.js';

/** More numbers than this are not held outside of tensors. */
const MOST = 2 ** 22;

/** @throws {UnsupportedError} when so many elements are not what shapes are computed with */
export function checkFew(size: number, call: Call): void {
  if (!(size <= MOST)) throw call.unsupported(`it would make ${size} numbers`);
}

/** `fn` of the elements of values that broadcast. */
export function combineNumbers(
  call: Call,
  values: readonly Value[],
  type: number,
  fn: (...elements: number[]) => number,
): Value {
  const shape = values.reduce<Shape>((shape, value) => broadcastShapes(shape, value.shape, call.node.type), []);
  const size = sizeOf(shape);
  checkFew(size, call);
  const strides = stridesOf(shape);
  const sources = values.map((value) => ({ numbers: value.numbers, steps: broadcastStrides(value.shape, shape) }));
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const elements = sources.map(({ numbers, steps }) => {
      let at = 0;
      for (let axis = 0; axis < shape.length; axis++)
        at += (Math.floor(i / strides[axis]!) % shape[axis]!) * steps[axis]!;
      return numbers[at]!;
    });
    result[i] = isFloat(type) ? Math.fround(fn(...elements)) : fn(...elements);
  }
  return Value.numbers(type, shape, result);
}

/** The elements at the positions that `at` names, one for each element of `shape`. */
export function pickNumbers(call: Call, x: Value, shape: Shape, at: (position: number) => number): Value {
  const size = sizeOf(shape);
  checkFew(size, call);
  const { numbers } = x;
  return Value.numbers(
    x.type,
    shape,
    Float64Array.from({ length: size }, (_, i) => numbers[at(i)]!),
  );
}

/** Whether all inputs that are there are numbers, so that no tensor is needed. */
export function allKnown(inputs: readonly (Value | undefined)[]): boolean {
  return inputs.every((input) => input === undefined || input.isKnown);
}
