/** The graph as it is written: values by name, nodes, and sizes that depend on the batch. */
import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from 'onnx-buf';
import { UnsupportedError } from '../../runtime/errors.js';
import type { DType, TypedArray } from '../../tensor/dtype.js';
import { broadcastStrides, formatShape, type Shape, sizeOf, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BOOL, FLOAT, INT32, INT64, UINT8 } from '../elements.js';
import type { Step } from './recording.js';

/** A value of the graph. */
export interface Named {
  readonly name: string;
  readonly type: number;
}

/** The same operation in both runs. */
export interface Both {
  readonly name: string;
  readonly a: Step;
  readonly b: Step;
}

/** A tensor of the first run, and what it was in the second. */
export type Twin = readonly [a: Tensor, b: Tensor];

/** Whole numbers are INT, others FLOAT: `float()` says that a whole one is meant so. */
export type AttributeValue =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly strings: readonly string[] };

export const float = (value: number): AttributeValue => ({ float: value });

const typeOf = (dtype: DType): number => (dtype === 'float32' ? FLOAT : dtype === 'int32' ? INT32 : UINT8);

/** The most negative int64: the end of a slice that goes back over the first position. */
export const BACK_TO_START = -(2n ** 63n);
/** The end of a slice that goes to the last position. */
export const TO_END = 2n ** 63n - 1n;

export class Builder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #values = new Map<Tensor, Named>();
  readonly #counts = new Map<string, number>();
  readonly #shared = new Map<string, string>();
  readonly #published = new Set<string>();
  #layer = '';
  #batch: Named | null = null;

  /** @param sizes of the batch in the two runs; null: it is fixed */
  constructor(
    readonly sizes: readonly [a: number, b: number] | null,
    readonly batchInput: string,
    readonly constants: readonly [a: ReadonlyMap<Tensor, TypedArray>, b: ReadonlyMap<Tensor, TypedArray>],
  ) {}

  // ---- Values ----

  name(tensor: Tensor, value: Named): void {
    this.#values.set(tensor, value);
  }

  /** A name that no other value has, from the layer and what it is. */
  fresh(what: string): string {
    const base = this.#layer === '' ? what : `${this.#layer}/${what}`;
    const count = this.#counts.get(base) ?? 0;
    this.#counts.set(base, count + 1);
    return count === 0 ? base : `${base}_${count}`;
  }

  /** A name for an input or output: as it is, where no other value has it. */
  reserve(name: string): string {
    this.#layer = '';
    return this.fresh(name);
  }

  /** Gives a value the name of an output: its node's, where it has one that is not an output already. */
  publish(value: Named, name: string): void {
    const maker = this.nodes.find(({ output }) => output[0] === value.name);
    if (maker === undefined || this.#published.has(value.name)) {
      this.nodes.push(create(NodeProtoSchema, { opType: 'Identity', name, input: [value.name], output: [name] }));
    } else {
      maker.output[0] = name;
      for (const { input } of this.nodes)
        for (let i = 0; i < input.length; i++) if (input[i] === value.name) input[i] = name;
      for (const [tensor, known] of this.#values)
        if (known.name === value.name) this.#values.set(tensor, { name, type: known.type });
    }
    this.#published.add(name);
  }

  /** Something went wrong with this one, and is reported: what uses it is not to blame. */
  unknown(tensor: Tensor): void {
    this.#values.set(tensor, { name: '', type: typeOf(tensor.dtype) });
  }

  initializer(tensor: Tensor, name: string): void {
    const type = typeOf(tensor.dtype);
    this.initializers.push(tensorProto(name, type, tensor.shape, tensor.data()));
    this.#counts.set(name, 1);
    this.#values.set(tensor, { name, type });
  }

  /** The name of a tensor: of an input, a parameter, a result, or a constant that is written now. */
  value([a, b]: Twin): Named {
    const known = this.#values.get(a);
    if (known !== undefined) return known;
    const [own, other] = [this.constants[0].get(a), this.constants[1].get(b)];
    if (own === undefined || other === undefined)
      throw this.error(`it uses a tensor of shape ${formatShape(a.shape)} that no operation made`);
    const value = this.#constantTensor([a, b], own, other);
    this.#values.set(a, value);
    return value;
  }

  /** Elements that were made in the forward pass, from nothing that the graph computes. */
  #constantTensor([a, b]: Twin, own: TypedArray, other: TypedArray): Named {
    const type = typeOf(a.dtype);
    if (sameNumbers(a.shape, b.shape)) {
      if (!sameNumbers(own, other)) {
        throw this.error(
          `it uses a tensor of shape ${formatShape(a.shape)} whose elements are others in each run: ` +
            'random numbers, or made outside of operations from the inputs or the size of the batch',
        );
      }
      return this.constant(type, a.shape, own);
    }
    // As long as the batch is, and the same everywhere along it: one row, repeated.
    const single = a.shape.map((length, axis) => (length === b.shape[axis] ? length : 1));
    const [row, otherRow] = [rowOf(own, a.shape, single), rowOf(other, b.shape, single)];
    if (row === null || otherRow === null || !sameNumbers(row, otherRow)) {
      throw this.error(
        `it uses a tensor of shape ${formatShape(a.shape)} that depends on the size of the batch, ` +
          'and not by repetition',
      );
    }
    return this.node('Expand', [this.constant(type, single, row), this.shape(a.shape, b.shape)], {}, type);
  }

  /** As elements of the dtype. */
  as(twin: Twin, dtype: DType): Named {
    return this.cast(this.value(twin), dtype);
  }

  cast(value: Named, dtype: DType): Named {
    const type = typeOf(dtype);
    if (value.type === type || (value.type === BOOL && type === UINT8)) return value;
    return this.node('Cast', [value], { to: type }, type);
  }

  /** As a condition. */
  mask(twin: Twin): Named {
    const value = this.value(twin);
    return value.type === BOOL ? value : this.node('Cast', [value], { to: BOOL }, BOOL);
  }

  /** A number or a tensor, as elements of the dtype. */
  operand(a: unknown, b: unknown, dtype: DType): Named {
    if (typeof a !== 'number') return this.as([a as Tensor, b as Tensor], dtype);
    if (!Object.is(a, b)) throw this.error(`the number ${a} (then ${String(b)}) was made from the size of the batch`);
    return this.constant(typeOf(dtype), [], dtype === 'float32' ? Float32Array.of(a) : Int32Array.of(a));
  }

  // ---- Nodes ----

  constant(type: number, shape: Shape, numbers: ArrayLike<number>): Named {
    const key =
      sizeOf(shape) <= 16
        ? `${type} ${shape.join()} ${Array.from(numbers, (n) => (Object.is(n, -0) ? '-0' : n)).join()}`
        : '';
    const before = this.#shared.get(key);
    if (before !== undefined) return { name: before, type };
    const name = this.fresh('Constant');
    const t = tensorProto('', type, shape, numbers);
    this.nodes.push(
      create(NodeProtoSchema, {
        opType: 'Constant',
        name,
        output: [name],
        attribute: [create(AttributeProtoSchema, { name: 'value', type: 4, t })],
      }),
    );
    if (key !== '') this.#shared.set(key, name);
    return { name, type };
  }

  /** A list of int64. */
  ints(numbers: readonly (number | bigint)[]): Named {
    const key = `ints ${numbers.join()}`;
    const before = this.#shared.get(key);
    if (before !== undefined) return { name: before, type: INT64 };
    const name = this.fresh('Constant');
    const rawData = new Uint8Array(8 * numbers.length);
    const view = new DataView(rawData.buffer);
    numbers.forEach((n, i) => {
      view.setBigInt64(8 * i, BigInt(n), true);
    });
    const t = create(TensorProtoSchema, { dataType: INT64, dims: [BigInt(numbers.length)], rawData });
    this.nodes.push(
      create(NodeProtoSchema, {
        opType: 'Constant',
        name,
        output: [name],
        attribute: [create(AttributeProtoSchema, { name: 'value', type: 4, t })],
      }),
    );
    this.#shared.set(key, name);
    return { name, type: INT64 };
  }

  /** Adds a node; returns its first output. @param type of that; default: as the first input */
  node(
    opType: string,
    inputs: readonly (Named | null)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    type = inputs[0]?.type ?? FLOAT,
    outputs = 1,
  ): Named {
    const name = this.fresh(opType);
    this.nodes.push(
      create(NodeProtoSchema, {
        opType,
        name,
        input: inputs.map((input) => input?.name ?? ''),
        output: [name, ...Array.from({ length: outputs - 1 }, (_, i) => `${name}:${i + 1}`)],
        attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
      }),
    );
    return { name, type };
  }

  // ---- Sizes ----

  /** A size that is the same in both runs. */
  fixed(a: number, b: number, what: string): number {
    if (!Object.is(a, b)) throw this.error(`${what} is ${a} and then ${b}: it was made from the size of the batch`);
    return a;
  }

  /** Of a list. */
  fixedList(a: readonly number[], b: readonly number[], what: string): readonly number[] {
    if (a.length !== b.length) throw this.error(`${what} is ${formatShape(a)} and then ${formatShape(b)}`);
    return a.map((n, i) => this.fixed(n, b[i]!, what));
  }

  /** How many times the size of the batch a size is; null where it is the same in both runs. */
  share(a: number, b: number): number | null {
    if (a === b) return null;
    const share = this.sizes === null ? NaN : a / this.sizes[0];
    if (Number.isInteger(share) && b === share * this.sizes![1]) return share;
    throw this.error(`a size is ${a} and then ${b}, which is not a multiple of the batch`);
  }

  /** A shape as a value: numbers, and the size of the batch where it is part of it. */
  shape(a: Shape, b: Shape): Named {
    const shares = a.map((length, axis) => this.share(length, b[axis]!));
    if (shares.every((share) => share === null)) return this.ints(a);
    const parts: Named[] = [];
    let plain: number[] = [];
    shares.forEach((share, axis) => {
      if (share === null) plain.push(a[axis]!);
      else {
        if (plain.length > 0) parts.push(this.ints(plain));
        plain = [];
        parts.push(share === 1 ? this.#batchSize() : this.node('Mul', [this.#batchSize(), this.ints([share])]));
      }
    });
    if (plain.length > 0) parts.push(this.ints(plain));
    return parts.length === 1 ? parts[0]! : this.node('Concat', parts, { axis: 0 });
  }

  #batchSize(): Named {
    if (this.#batch === null) {
      const input = { name: this.batchInput, type: FLOAT };
      const whole = this.node('Shape', [input], {}, INT64);
      this.#batch = this.node('Slice', [whole, this.ints([0]), this.ints([1])]);
    }
    return this.#batch;
  }

  /** The elements of `x` in the shape of `y`. */
  reshape(x: Named, a: Shape, b: Shape): Named {
    const open = a.flatMap((length, axis) => (this.share(length, b[axis]!) === null ? [] : [axis]));
    if (open.length > 1 || a.includes(0)) return this.node('Reshape', [x, this.shape(a, b)], { allowzero: 1 });
    return this.node('Reshape', [x, this.ints(a.map((length, axis) => (axis === open[0] ? -1 : length)))]);
  }

  // ---- Where ----

  enter(layer: string | undefined): void {
    this.#layer = layer ?? '';
  }

  error(problem: string): UnsupportedError {
    return new UnsupportedError(problem, { where: 'exportOnnx' });
  }
}

/** The elements at position 0 of each axis that `single` makes 1; null where those at other positions differ. */
function rowOf(elements: TypedArray, shape: Shape, single: Shape): TypedArray | null {
  const steps = broadcastStrides(single, shape);
  const strides = stridesOf(shape);
  const row = elements.slice(0, sizeOf(single));
  const begun = new Uint8Array(row.length);
  for (let flat = 0; flat < elements.length; flat++) {
    const at = shape.reduce(
      (sum, length, axis) => sum + (Math.floor(flat / strides[axis]!) % length) * steps[axis]!,
      0,
    );
    if (begun[at] === 0) row[at] = elements[flat]!;
    else if (!Object.is(row[at], elements[flat])) return null;
    begun[at] = 1;
  }
  return row;
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: 3, s: new TextEncoder().encode(value) });
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: 2, i: BigInt(value) });
  if ('strings' in value) {
    const strings = value.strings.map((text) => new TextEncoder().encode(text));
    return create(AttributeProtoSchema, { name, type: 8, strings });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: 1, f: value.float });
  return create(AttributeProtoSchema, { name, type: 7, ints: value.map(BigInt) });
}

/** Elements as the file holds them: little-endian, whatever the machine does. */
export function tensorProto(name: string, dataType: number, shape: Shape, numbers: ArrayLike<number>): TensorProto {
  const bytes = dataType === UINT8 || dataType === BOOL ? 1 : 4;
  const rawData = new Uint8Array(bytes * numbers.length);
  const view = new DataView(rawData.buffer);
  for (let i = 0; i < numbers.length; i++) {
    if (bytes === 1) rawData[i] = numbers[i]!;
    else if (dataType === FLOAT) view.setFloat32(4 * i, numbers[i]!, true);
    else view.setInt32(4 * i, numbers[i]!, true);
  }
  return create(TensorProtoSchema, { name, dataType, dims: shape.map(BigInt), rawData });
}
