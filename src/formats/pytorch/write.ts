/** Writes the files of `torch.save`: a pickle of protocol 2 and one file per storage, in a zip file. */
import type { StateArray } from '../../nn/core/state.js';
import { describe } from '../../runtime/describe.js';
import { ArgumentError } from '../../runtime/errors.js';
import { stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { bytesOfArray, isArray, wideBytes, writtenArray } from '../arrays.js';
import { writeZip } from '../zip/write.js';

/** What can be written into a `.pt` file: tensors, numbers, texts, and arrays and objects of them. */
export type Savable =
  | Tensor
  | StateArray
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Savable[]
  | { readonly [key: string]: Savable };

/** Storage classes by the class of the typed array; whole numbers of any other go as int64, PyTorch's own. */
const STORAGES: Readonly<Record<string, string>> = {
  Float32Array: 'FloatStorage',
  Float64Array: 'DoubleStorage',
  Uint8Array: 'ByteStorage',
  Uint8ClampedArray: 'ByteStorage',
  Int8Array: 'CharStorage',
  Int16Array: 'ShortStorage',
};

/** Deepest nesting that is written. */
const DEEPEST = 100;

/** @throws {ArgumentError} when a value is not one that can be written, or it is nested too deep */
export function encodeTorch(value: Savable, where: string): Uint8Array {
  const writer = new PickleWriter(where);
  writer.value(value, '', 0);
  const text = (contents: string) => new TextEncoder().encode(contents);
  return writeZip(
    new Map([
      ['archive/data.pkl', writer.finish()],
      ['archive/byteorder', text('little')],
      ...writer.storages,
      ['archive/version', text('3\n')],
    ]),
    where,
  );
}

class PickleWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  readonly storages: [name: string, bytes: Uint8Array][] = [];
  /** The storages by the objects that they are of: tied weights are written once. */
  readonly #written = new Map<object, { key: string; storage: string; count: number }>();

  constructor(private readonly where: string) {
    this.#put(0x80, 2);
  }

  finish(): Uint8Array {
    this.#put(0x2e);
    return this.#bytes.subarray(0, this.#length);
  }

  value(value: Savable, path: string, depth: number): void {
    if (depth > DEEPEST)
      throw new ArgumentError(`it is nested deeper than ${DEEPEST}, or contains itself`, { where: this.where });
    if (value === null) this.#put(0x4e);
    else if (typeof value === 'boolean') this.#put(value ? 0x88 : 0x89);
    else if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'bigint') this.#integer(value);
    else if (typeof value === 'number')
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(BigInt(value));
      else this.#float(value);
    else if (isArray(value)) this.#tensor(value, path);
    else if (Array.isArray(value)) this.#list(value as readonly Savable[], path, depth + 1);
    else if (isRecord(value)) this.#dict(value, path, depth + 1);
    else
      throw new ArgumentError(`${path === '' ? 'it' : JSON.stringify(path)} is ${describe(value)}`, {
        where: this.where,
        hint: 'a .pt file can hold tensors, numbers, texts, and arrays and objects of them',
      });
  }

  #list(items: readonly Savable[], path: string, depth: number): void {
    this.#put(0x5d, 0x28);
    items.forEach((item, i) => this.value(item, join(path, String(i)), depth));
    this.#put(0x65);
  }

  #dict(items: Readonly<Record<string, Savable>>, path: string, depth: number): void {
    this.#put(0x7d, 0x28);
    for (const [key, item] of Object.entries(items)) {
      this.#string(key);
      this.value(item, join(path, key), depth);
    }
    this.#put(0x75);
  }

  /** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks) */
  #tensor(given: Tensor | StateArray, path: string): void {
    const { key, storage, count } = this.#storage(given, path);
    this.#global('torch._utils', '_rebuild_tensor_v2');
    this.#put(0x28, 0x28);
    this.#string('storage');
    this.#global('torch', storage);
    this.#string(key);
    this.#string('cpu');
    this.#integer(count);
    this.#put(0x74, 0x51);
    this.#integer(0);
    for (const numbers of [given.shape, stridesOf(given.shape)]) {
      this.#put(0x28);
      for (const number of numbers) this.#integer(number);
      this.#put(0x74);
    }
    this.#put(0x89);
    this.#global('collections', 'OrderedDict');
    this.#put(0x29, 0x52, 0x74, 0x52);
  }

  #storage(given: Tensor | StateArray, path: string): { key: string; storage: string; count: number } {
    const known = this.#written.get(given);
    if (known !== undefined) return known;
    const array = writtenArray(given, path, this.where);
    const key = String(this.storages.length);
    const storage = STORAGES[array.kind];
    const bytes = storage === undefined ? wideBytes(array, path, this.where) : bytesOfArray(array);
    this.storages.push([`archive/data/${key}`, bytes]);
    const about = { key, storage: storage ?? 'LongStorage', count: array.data.length };
    this.#written.set(given, about);
    return about;
  }

  #global(module: string, name: string): void {
    this.#put(0x63);
    this.#append(new TextEncoder().encode(`${module}\n${name}\n`));
  }

  #string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#put(0x58);
    this.#append(new Uint8Array(Uint32Array.of(bytes.length).buffer));
    this.#append(bytes);
  }

  /** @throws {ArgumentError} when it does not fit int64 */
  #integer(given: number | bigint): void {
    const value = BigInt(given);
    if (BigInt.asIntN(32, value) === value) {
      this.#put(0x4a);
      this.#append(new Uint8Array(Int32Array.of(Number(value)).buffer));
      return;
    }
    if (BigInt.asIntN(64, value) !== value)
      throw new ArgumentError(`${value} does not fit int64`, { where: this.where });
    this.#put(0x8a, 8);
    this.#append(new Uint8Array(BigInt64Array.of(value).buffer));
  }

  #float(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, false);
    this.#put(0x47);
    this.#append(bytes);
  }

  #put(...bytes: number[]): void {
    this.#append(Uint8Array.from(bytes));
  }

  #append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const longer = new Uint8Array(2 * (this.#length + bytes.length));
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, Savable>> {
  const prototype = typeof value === 'object' && value !== null ? (Object.getPrototypeOf(value) as unknown) : undefined;
  return prototype === null || prototype === Object.prototype;
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
