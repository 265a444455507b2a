/// <reference lib="esnext.disposable" preserve="true" />
/** The tensor: a shape and an element type over a range of the WebAssembly memory, row-major and without gaps. */
import type { Address, OptionalAddress } from '../runtime/address.js';
import { checkArguments, refusal, setTensorRule } from '../runtime/arguments.js';
import {
  ArgumentError,
  AutogradError,
  DisposedTensorError,
  DTypeError,
  type LanewiseError,
  ShapeError,
} from '../runtime/errors.js';
import { allocate, viewOf } from '../runtime/memory.js';
import {
  bytesPerElement,
  checkDType,
  checkValues,
  copyValues,
  type DType,
  type TypedArray,
  type TypedArrays,
} from './dtype.js';
import { formatTensor } from './format.js';
import { type NestedArray, nest, offsetOf } from './nested.js';
import type { TapeNode } from './node.js';
import { currentScope, type Scope } from './scope.js';
import { formatShape, type Shape, sameShape, sizeOf } from './shape.js';
import { collected, type Holding, Storage } from './storage.js';
import { noteTensor, trackers } from './track.js';
import { nameOf, readValues, type TensorValues } from './values.js';
import { clock, reading } from './versions.js';

/**
 * A multi-dimensional array with, where asked, a gradient. Made by `tensor`, `zeros`, `randn`, … and by operations;
 * the constructor is not part of the API.
 */
export class Tensor {
  readonly #shape: Shape;
  readonly #dtype: DType;
  readonly #size: number;
  /** Whether operations on it are recorded for `backward()`. */
  requiresGrad = false;
  /** How it was computed, when that is recorded. @internal */
  node: TapeNode<Tensor> | null = null;
  /** The operation that made it. @internal */
  op: string | undefined = undefined;
  /** Whether `backward()` leaves a gradient on it though it is not a leaf. @internal */
  retainsGrad = false;
  /** The scope that frees it; null: none does. @internal */
  scope: Scope | null;
  /** Null once freed. @internal */
  storage: Storage | null;
  private freedBy = '';
  #grad: Tensor | null = null;
  /** While `collected` watches it. */
  #holding: Holding | null = null;
  /** Whose gradient it is: the holding of that tensor frees it, since to watch each gradient would cost much. */
  #gradientOf: Tensor | null = null;

  /** @internal */
  constructor(shape: Shape, dtype: DType, shared?: Storage) {
    if (!Array.isArray(shape) || viewOf[dtype] === undefined)
      throw new ArgumentError('use tensor([[1, 2]]) or zeros([2, 3])', { where: 'new Tensor' });
    this.#shape = Object.isFrozen(shape) ? shape : Object.freeze([...shape]);
    this.#dtype = dtype;
    this.#size = sizeOf(shape);
    if (shared === undefined) {
      const bytes = this.#size * bytesPerElement(dtype);
      this.storage = new Storage(allocate(bytes), bytes);
    } else {
      shared.owners++;
      this.storage = shared;
    }
    this.scope = currentScope;
    if (currentScope !== null) currentScope.tensors.push(this);
    else this.#watch();
    if (trackers.size > 0) noteTensor(this);
  }

  /** Sizes of the axes; `[]` is a scalar. Frozen. */
  get shape(): Shape {
    return this.#shape;
  }

  get dtype(): DType {
    return this.#dtype;
  }

  /** Number of elements. */
  get size(): number {
    return this.#size;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Whether its memory was freed; any further use throws. */
  get disposed(): boolean {
    return this.storage === null;
  }

  /** @internal */
  useAfterFree(where?: string): DisposedTensorError {
    return new DisposedTensorError(`this tensor of shape ${formatShape(this.shape)} was freed by ${this.freedBy}`, {
      ...(where !== undefined && { where }),
      hint: 'return it from the scope, or call keep() on it, to use it later',
    });
  }

  /** Another tensor over the same elements. @throws {ShapeError} when the number of elements differs @internal */
  alias(shape: Shape): Tensor {
    if (this.storage === null) throw this.useAfterFree();
    if (sizeOf(shape) !== this.size)
      throw new ShapeError(`cannot view ${formatShape(this.shape)} as ${formatShape(shape)}`);
    return new Tensor(shape, this.dtype, this.storage);
  }

  /**
   * d(loss)/d(this), once `backward()` ran: on leaves, and where `retainGrad()` was called. It may be set to a tensor
   * of the same shape and dtype, or to null.
   *
   * @throws {ShapeError | DTypeError} when it is set to a tensor of another shape or dtype
   */
  get grad(): Tensor | null {
    return this.#grad;
  }

  set grad(grad: Tensor | null) {
    if (grad === this.#grad) return;
    if (grad === this) throw new AutogradError('a tensor cannot be its own gradient', { where: 'grad' });
    if (grad !== null) checkGradient(grad, this, 'grad');
    this.#letGo();
    this.#grad = grad;
  }

  /** Takes over a gradient that no scope shall free, and that nothing else refers to. @internal */
  ownGrad(gradient: Tensor): void {
    this.grad = gradient;
    gradient.scope = null;
    gradient.#gradientOf = this;
    if (this.#holding !== null) this.#holding.gradient = gradient.storage;
  }

  /** Leaves the gradient to itself, where it is still alive. */
  #letGo(): void {
    const gradient = this.#grad;
    if (gradient === null || gradient.#gradientOf !== this) return;
    gradient.#gradientOf = null;
    if (this.#holding !== null) this.#holding.gradient = null;
    gradient.#watch();
  }

  #watch(): void {
    const owned = this.#grad !== null && this.#grad.#gradientOf === this ? this.#grad.storage : null;
    this.#holding = { storage: this.storage!, gradient: owned };
    collected.register(this, this.#holding, this);
  }

  /** Whether no other tensor is over the same elements, so that they may be overwritten. @internal */
  get ownsAlone(): boolean {
    return this.storage?.owners === 1;
  }

  /** Takes it out of its scope: from now on it lives until `dispose()`, or until nothing refers to it any more. */
  keep(): this {
    if (this.storage === null) throw this.useAfterFree();
    if (this.scope !== null) {
      this.scope = null;
      this.#watch();
    }
    return this;
  }

  /** Frees its memory now; a second call does nothing. Seldom needed: scopes do it. */
  dispose(): void {
    this.free('dispose()');
  }

  /** @internal */
  free(by: string): void {
    const { storage } = this;
    if (storage === null) return;
    this.#letGo();
    if (this.#holding !== null) {
      this.#holding = null;
      collected.unregister(this);
    }
    if (this.#gradientOf !== null) {
      if (this.#gradientOf.#holding !== null) this.#gradientOf.#holding.gradient = null;
      this.#gradientOf = null;
    }
    this.storage = null;
    this.scope = null;
    this.node = null;
    this.freedBy = by;
    storage.drop();
  }

  /**
   * A copy of the elements, row-major. With a dtype, the array is of the class for it, to the compiler too.
   *
   * @throws {DTypeError} when the elements are of another dtype than the given one
   * @example
   * const values: Float32Array = tensor([1, 2]).data('float32');
   */
  data<D extends DType>(dtype: D): TypedArrays[D];
  data(): TypedArray;
  data(dtype = this.dtype): TypedArray {
    if (dtype !== this.dtype) {
      throw new DTypeError(`the elements are ${this.dtype}, not ${checkDType(dtype, 'data')}`, {
        where: 'data',
        hint: `convert them with .to('${dtype}')`,
      });
    }
    return this.view().slice();
  }

  /** The elements in place: for reading or writing at once, never to keep. @internal */
  view(): TypedArray {
    return viewOf[this.dtype](addressOf(this), this.size);
  }

  /**
   * The elements as nested arrays in its shape; a number for a scalar. The compiler knows no shapes: where it must know
   * how deep the arrays are nested, write `x.toArray<number[][]>()`.
   */
  toArray<Values extends NestedArray = NestedArray>(): Values {
    return nest(this.view(), this.shape, 0, 0) as Values;
  }

  /** What `JSON.stringify` writes: `toArray()`. (NaN and infinities become null there.) */
  toJSON(): NestedArray {
    return this.toArray();
  }

  /**
   * The one element as a number; with indices, the element there.
   *
   * @throws {ShapeError} without indices, when there is not exactly one element
   * @throws {RangeIndexError} when an index is outside its axis
   */
  item(...indices: number[]): number {
    return this.view()[offsetOf(indices, this.shape)]!;
  }

  /**
   * Overwrites the elements with those of an array or tensor of the same size; not recorded for gradients. Checked as
   * in `tensor()`, before anything is written.
   *
   * @throws {ShapeError} when the size differs
   * @throws {ArgumentError} when a value is not a number
   * @throws {DTypeError} when a number does not fit the dtype, or a tensor has another one
   */
  assign(values: TensorValues | ArrayLike<number> | Tensor): this {
    const where = 'assign';
    checkArguments('x.assign(values=any)', values);
    const own = isTensor(values);
    const { flat, shape } = own ? { flat: values.view(), shape: values.shape } : readValues(values, where);
    if (flat.length !== this.size)
      throw new ShapeError(`${flat.length} values for shape ${formatShape(this.shape)}`, { where });
    if (!own) checkValues(flat, this.dtype, where, (position) => nameOf(position, shape));
    else if (values.dtype !== this.dtype)
      throw new DTypeError(`cannot assign ${values.dtype} to ${this.dtype}`, {
        where,
        hint: `convert it with .to('${this.dtype}')`,
      });
    copyValues(this.overwrite(where), flat);
    return this;
  }

  /**
   * The elements in place, to write to: what `backward()` still needs of the old ones is lost, and it will say so.
   *
   * @param by what overwrites them, for that message
   * @internal
   */
  overwrite(by: string): TypedArray {
    const view = this.view();
    markOverwritten(this, by);
    return view;
  }

  /** Shape, dtype and values, those of large tensors in part. */
  toString(): string {
    if (this.disposed) return `Tensor(shape ${formatShape(this.shape)}, freed by ${this.freedBy})`;
    return formatTensor(
      this.view(),
      this.shape,
      this.dtype,
      this.node?.name ?? (this.requiresGrad ? 'leaf' : undefined),
    );
  }
}

/** `console.log(tensor)` shows the values in Node, Deno and Bun. */
Object.defineProperty(Tensor.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Tensor) {
    return this.toString();
  },
});

export interface Tensor extends Disposable {}
if (typeof Symbol.dispose === 'symbol') {
  Object.defineProperty(Tensor.prototype, Symbol.dispose, {
    value(this: Tensor) {
      this.dispose();
    },
  });
}

/**
 * The address of the first element in the WebAssembly memory. Whoever hands a tensor to a kernel asks here: a value
 * that is not a tensor of this copy of the library has no address in its memory.
 *
 * @throws {DisposedTensorError} when it was freed
 * @throws {ArgumentError} when it is not a tensor, or one of another copy of the library
 * @throws {AutogradError} in a backward pass, when the elements were overwritten after the operation was recorded
 * @internal
 */
export function addressOf(x: Tensor): Address {
  const storage = (x as Tensor | undefined)?.storage;
  if (!(storage instanceof Storage)) throw unusable(x, 'the operand');
  if (storage.overwrittenAt > reading.since && storage.madeAt <= reading.since) {
    throw new AutogradError(
      `a tensor of shape ${formatShape(x.shape)} that ${reading.operation} needs ` +
        `was overwritten by ${storage.overwrittenBy}`,
      {
        where: 'backward',
        hint: 'call backward() before optimizer.step(), assign() and the like, or compute the loss anew after them',
      },
    );
  }
  return storage.address;
}

/** The same, or 0 where there is no tensor. @internal */
export function addressOrNull(x: Tensor | null | undefined): OptionalAddress {
  return x == null ? 0 : addressOf(x);
}

/** Notes that the elements were changed in place. See `versions.ts`. @internal */
export function markOverwritten({ storage }: Tensor, by: string): void {
  if (storage === null) return;
  storage.overwrittenAt = clock.now;
  storage.overwrittenBy = by;
}

/**
 * Whether a value is a tensor.
 *
 * @throws {ArgumentError} when it is one of another copy of the library, whose elements lie in another memory
 */
export function isTensor(value: unknown): value is Tensor {
  if (value instanceof Tensor) return true;
  if (isForeign(value)) throw unusable(value, 'the operand');
  return false;
}

/**
 * Checks that a value can be the gradient of a tensor: one of the same shape and dtype that is alive.
 *
 * @throws {ArgumentError | DisposedTensorError | DTypeError | ShapeError} when it is something else
 */
export function checkGradient(gradient: unknown, tensor: Tensor, where: string): asserts gradient is Tensor {
  if (!isUsable(gradient)) throw unusable(gradient, 'a gradient', where);
  const { dtype, shape } = tensor;
  if (gradient.dtype !== dtype) {
    throw new DTypeError(`the gradient is ${gradient.dtype}, the tensor ${dtype}`, {
      where,
      hint: `convert it with .to('${dtype}')`,
    });
  }
  if (!sameShape(gradient.shape, shape)) {
    throw new ShapeError(
      `a gradient of shape ${formatShape(gradient.shape)} for a tensor of shape ${formatShape(shape)}`,
      { where },
    );
  }
}

function isForeign(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'storage' in value && 'dtype' in value;
}

const isUsable = (value: unknown): value is Tensor => value instanceof Tensor && value.storage !== null;

/** The error for a value that is not a tensor that is alive. */
function unusable(value: unknown, name: string, where?: string, expected = 'a tensor'): LanewiseError {
  if (value instanceof Tensor) return value.useAfterFree(where);
  if (!isForeign(value)) return refusal(where, name, expected, value);
  return new ArgumentError('this tensor belongs to another copy of lanewise', {
    ...(where !== undefined && { where }),
    hint: 'lanewise was loaded twice, as by import and require, or in two versions',
  });
}

setTensorRule({ expected: 'a tensor', holds: isUsable, refuse: unusable });
