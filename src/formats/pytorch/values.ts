/** What a checkpoint of PyTorch is, as values of JavaScript. */
import type { StoredTensor } from '../../io/safetensors.js';
import { FileFormatError } from '../../runtime/errors.js';
import { type ReadRules, readArray } from '../elements.js';
import { type Dict, Global, Storage, View } from './objects.js';

/**
 * What `torch.save` was given. Dicts have become objects without a prototype (their keys as texts), lists, tuples and
 * sets arrays, bytes a Uint8Array, whole numbers past 2⁵³ a bigint, and dtypes and devices their names.
 */
export type StoredValue =
  | StoredTensor
  | Uint8Array
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly StoredValue[]
  | { readonly [key: string]: StoredValue };

/** Deepest nesting that is read. */
const DEEPEST = 100;

/** @throws {FileFormatError} when it is nested too deep, contains itself, or a tensor cannot be read */
export function toStoredValue(root: unknown, rules: ReadRules): StoredValue {
  const { file } = rules.budget;
  /** What has been converted; undefined while it is being converted. */
  const done = new Map<object, StoredValue | undefined>();
  /** Views of the same elements, such as tied weights, are one tensor. */
  const views = new Map<string, StoredTensor>();

  const convert = (node: unknown, path: string, depth: number): StoredValue => {
    if (typeof node !== 'object' || node === null) return node as StoredValue;
    if (node instanceof Uint8Array) return node;
    if (node instanceof Global) return node.name.replace(/^torch\./, '');
    if (done.has(node)) {
      const value = done.get(node);
      if (value === undefined) throw new FileFormatError(`${nameOf(path)} contains itself`, { file });
      return value;
    }
    if (depth > DEEPEST)
      throw new FileFormatError(`it is nested deeper than ${DEEPEST}: ${nameOf(path.slice(0, 60))}…`, { file });
    done.set(node, undefined);
    const value = convertObject(node, path, depth + 1);
    done.set(node, value);
    return value;
  };
  const convertObject = (node: object, path: string, depth: number): StoredValue => {
    if (Array.isArray(node)) return node.map((item, i) => convert(item, join(path, String(i)), depth));
    if (node instanceof View) return tensorOf(node, path);
    if (node instanceof Storage) return tensorOf(new View(node, node.type, 0, [node.count], [1]), path);
    const value = Object.create(null) as Record<string, StoredValue>;
    for (const [key, item] of (node as Dict).entries) value[key] = convert(item, join(path, key), depth);
    return value;
  };
  const tensorOf = ({ storage, type, offset, shape, strides }: View, path: string): StoredTensor => {
    const key = [storage.key, storage.begin, type, offset, shape, strides].join('|');
    const known = views.get(key);
    if (known !== undefined) return known;
    const { bytes, at } = storage;
    const what = `tensor ${nameOf(path)}`;
    if (bytes === undefined) throw new FileFormatError(`${what} has no elements in the file`, { file });
    const tensor = readArray({ what, file, bytes, at, type, shape, offset, strides }, rules);
    views.set(key, tensor);
    return tensor;
  };
  return convert(root, '', 0);
}

const nameOf = (path: string): string => JSON.stringify(path === '' ? LONE : path);
const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** The name of the only tensor of a file that has no names. */
export const LONE = 'tensor';

export function isStoredTensor(value: StoredValue): value is StoredTensor {
  return typeof value === 'object' && value !== null && ArrayBuffer.isView((value as Partial<StoredTensor>).data);
}

/**
 * All tensors in a value by their paths, the keys joined by dots. What stands at several places is listed at the first.
 *
 * @throws {FileFormatError} when two have the same path
 */
export function tensorsIn(root: StoredValue, file: string): Record<string, StoredTensor> {
  const tensors = Object.create(null) as Record<string, StoredTensor>;
  const seen = new Set<object>();
  const visit = (value: StoredValue, path: string): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
    if (isStoredTensor(value)) {
      const name = path === '' ? LONE : path;
      if (name in tensors) throw new FileFormatError(`two tensors have the name ${JSON.stringify(name)}`, { file });
      tensors[name] = value;
      return;
    }
    if (seen.has(value)) return;
    seen.add(value);
    for (const [key, item] of Object.entries(value)) visit(item as StoredValue, join(path, key));
  };
  visit(root, '');
  return tensors;
}

/**
 * The value at a path of keys joined by dots; keys may have dots themselves. @throws {FileFormatError} naming what is
 * there instead
 */
export function valueAt(root: StoredValue, key: string, file: string): StoredValue {
  const look = (value: StoredValue, rest: string): StoredValue | undefined => {
    if (typeof value !== 'object' || value === null || isStoredTensor(value) || value instanceof Uint8Array)
      return undefined;
    if (Object.hasOwn(value, rest)) return (value as Record<string, StoredValue>)[rest];
    for (let dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.', dot + 1)) {
      const head = rest.slice(0, dot);
      if (!Object.hasOwn(value, head)) continue;
      const found = look((value as Record<string, StoredValue>)[head]!, rest.slice(dot + 1));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = look(root, key);
  if (found !== undefined) return found;
  const keys = typeof root === 'object' && root !== null && !isStoredTensor(root) ? Object.keys(root) : [];
  const shown = keys.slice(0, 8).map((name) => JSON.stringify(name));
  throw new FileFormatError(`it has nothing at ${JSON.stringify(key)}`, {
    file,
    hint: keys.length === 0 ? 'leave out key' : `at the top it has ${shown.join(', ')}${keys.length > 8 ? ', …' : ''}`,
  });
}
