/** The values that flow through a graph: tensors, or short lists of numbers that shapes are computed with. */
import { cast } from '../ops/index.js';
import { tensor } from '../tensor/create.js';
import { type Shape, sizeOf } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { isFloat, storageOf } from './elements.js';

/** Elements outside of the WebAssembly memory. Integers are numbers, exact up to 2⁵³. */
export type Numbers = Float32Array | Float64Array | Uint8Array;

/** One value: of an ONNX type, in one or both of two places. */
export class Value {
  #tensor: Tensor | null;
  readonly #numbers: Numbers | null;

  private constructor(
    readonly type: number,
    readonly shape: Shape,
    made: Tensor | null,
    numbers: Numbers | null,
  ) {
    this.#tensor = made;
    this.#numbers = numbers;
  }

  /** A tensor of the graph; of the dtype that holds `type`. */
  static of(made: Tensor, type: number): Value {
    const dtype = storageOf(type)!;
    const held = made.dtype === dtype ? made : cast(made, dtype);
    return new Value(type, held.shape, held, null);
  }

  /** A buffer of the model: a tensor whose numbers are at hand too. */
  static buffer(held: Tensor, type: number): Value {
    return new Value(type, held.shape, held, Float64Array.from(held.view()));
  }

  /** Numbers that are known without running anything on a tensor. */
  static numbers(type: number, shape: Shape, numbers: ArrayLike<number>): Value {
    const held = isFloat(type)
      ? Float32Array.from(numbers)
      : numbers instanceof Float64Array
        ? numbers
        : Float64Array.from(numbers);
    return new Value(type, shape, null, held);
  }

  /** As a tensor; made of the numbers where there is none yet. */
  get tensor(): Tensor {
    if (this.#tensor === null || this.#tensor.disposed)
      this.#tensor = tensor(this.#numbers!, { shape: this.shape, dtype: storageOf(this.type)! });
    return this.#tensor;
  }

  /** A number where it is a scalar outside of tensors, else the tensor. */
  get operand(): Tensor | number {
    return this.#numbers !== null && this.shape.length === 0 && this.#tensor === null ? this.#numbers[0]! : this.tensor;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether the elements are at hand as numbers. */
  get isKnown(): boolean {
    return this.#numbers !== null;
  }

  /** The elements. Those of a tensor are copied. */
  get numbers(): Numbers {
    return this.#numbers ?? Float64Array.from(this.#tensor!.data());
  }

  /** The elements as a list: of a shape, of axes. */
  get list(): number[] {
    return Array.from(this.numbers);
  }

  /** The one element. */
  get number(): number {
    return this.numbers[0]!;
  }

  /** The same elements under another shape. */
  reshaped(shape: Shape, view: (x: Tensor) => Tensor): Value {
    if (this.#numbers !== null) return new Value(this.type, shape, null, this.#numbers);
    const made = view(this.tensor);
    return new Value(this.type, made.shape, made, null);
  }
}
