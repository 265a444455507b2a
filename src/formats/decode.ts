/** Reads one file from its bytes. */
import { decodeSafetensors } from '../io/safetensors.js';
import { checkArguments } from '../runtime/arguments.js';
import { bytesOf } from '../runtime/bytes.js';
import { FileFormatError } from '../runtime/errors.js';
import { Budget } from './budget.js';
import type { ReadRules } from './elements.js';
import { describeUnknown, kindOf } from './kinds.js';
import { isNpz, readNpy, readNpz } from './numpy/read.js';
import { pickleEntry, readLegacyTorch, readTorchZip } from './pytorch/read.js';
import { LONE, type StoredValue, tensorsIn, valueAt } from './pytorch/values.js';
import type { Decoded, DecodeOptions } from './types.js';
import { ZipReader } from './zip/read.js';

const DECODE = 'decode(bytes, { key: "model_state_dict", lossy: true, limit: 0, name: "model.pt" })';

/**
 * Reads a PyTorch, NumPy or safetensors file from its bytes; `load` without the waiting. The data are copies.
 *
 * @throws {FileFormatError} naming the file, the byte and the tensor, when it is of another kind, truncated or damaged,
 *   has what lanewise has no place for, or would take more memory than its size justifies
 * @example
 * const bytes = encode({ 'fc.weight': tensor([[1, 2]]) }, 'npz');
 * decode(bytes).tensors['fc.weight']?.shape;   // [1, 2]
 */
export function decode(bytes: Uint8Array | ArrayBuffer, options: DecodeOptions = {}): Decoded {
  checkArguments(DECODE, bytes, options);
  const given = bytesOf(bytes, 'decode');
  const { name: file = 'file', limit } = options;
  const budget = new Budget(file, given.length, limit);
  return decodeWith(given, options, budget);
}

/** As `decode`, of a file that may be one of several. */
export function decodeWith(bytes: Uint8Array, options: DecodeOptions, budget: Budget): Decoded {
  const { file } = budget;
  const rules: ReadRules = { lossy: options.lossy === true, budget };
  if (options.key !== undefined && !['zip', 'pickle'].includes(kindOf(bytes) ?? ''))
    throw new FileFormatError('only a file of PyTorch has keys', { file, hint: 'leave out key' });
  switch (kindOf(bytes)) {
    case 'zip':
      return decodeZip(new ZipReader(bytes, budget), options, rules);
    case 'pickle':
      return torch(readLegacyTorch(bytes, rules), options, file);
    case 'npy':
      return { format: 'npy', tensors: named(LONE, readNpy(bytes, 'the array', 0, rules)) };
    case 'safetensors':
      return { format: 'safetensors', ...decodeSafetensors(bytes, file) };
    case 'json':
      throw new FileFormatError('it describes a model of several files', {
        file,
        hint: 'use load(path or address), or load(bytes, { files })',
      });
    default: {
      const { problem, hint } = describeUnknown(bytes);
      throw new FileFormatError(problem, { file, offset: 0, hint });
    }
  }
}

function decodeZip(zip: ZipReader, options: DecodeOptions, rules: ReadRules): Decoded {
  const pickle = pickleEntry(zip);
  if (pickle !== undefined) return torch(readTorchZip(zip, pickle, rules), options, rules.budget.file);
  if (isNpz(zip)) return { format: 'npz', tensors: readNpz(zip, rules) };
  const names = [...zip.entries.keys()].slice(0, 5).map((name) => JSON.stringify(name));
  throw new FileFormatError(`it is a zip file, but neither of PyTorch nor of NumPy: it has ${names.join(', ')}`, {
    file: rules.budget.file,
  });
}

function torch(whole: StoredValue, { key }: DecodeOptions, file: string): Decoded {
  const value = key === undefined ? whole : valueAt(whole, key, file);
  return { format: 'pytorch', value, tensors: tensorsIn(value, file) };
}

function named<T>(name: string, value: T): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  record[name] = value;
  return record;
}
