/** Writes files into bytes. */
import { encodeSafetensors, type StoredTensor } from '../io/safetensors.js';
import type { StateArray } from '../nn/core/state.js';
import { checkArguments } from '../runtime/arguments.js';
import { describe } from '../runtime/describe.js';
import { ArgumentError } from '../runtime/errors.js';
import { dtypeOf } from '../tensor/dtype.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import { isArray } from './arrays.js';
import { encodeNpy, encodeNpz } from './numpy/write.js';
import { encodeTorch, type Savable } from './pytorch/write.js';

/** The formats that are written, by the endings of their files. */
export type FileEnding = 'pt' | 'npz' | 'npy' | 'safetensors';

/**
 * The bytes of a file: what `save` writes.
 *
 * `pt` takes tensors, and arrays and objects of them with numbers and texts in between; `torch.load` opens it, also
 * with `weights_only=True`. `npz` and `safetensors` take an object of tensors, `npy` one tensor. Besides tensors of
 * lanewise, `{ shape, data }` is written, with `data` a typed array. int32 goes into `pt` and `safetensors` as int64,
 * as PyTorch's counters and class ids are. The same tensors give the same bytes.
 *
 * @throws {ArgumentError} when a value is not of a kind that the format can hold
 * @example
 * encode({ 'fc.weight': tensor([[1, 2]]), epoch: 3 }, 'pt');
 */
export function encode(value: Savable, format: FileEnding): Uint8Array {
  const where = 'encode';
  checkArguments('encode(value=any, format="pt")', value, format);
  switch (format) {
    case 'pt':
      return encodeTorch(value, where);
    case 'npy':
      if (!isArray(value)) throw new ArgumentError(`a .npy file holds one tensor, not ${describe(value)}`, { where });
      return encodeNpy(value, 'tensor', where);
    case 'npz':
      return encodeNpz(arraysIn(value, format), where);
    case 'safetensors':
      return encodeSafetensors(
        Object.fromEntries(Object.entries(arraysIn(value, format)).map(([name, given]) => [name, stored(given)])),
        { format: 'pt' },
      );
    default:
      throw new ArgumentError(`there is no format ${describe(format)}`, {
        where,
        hint: 'the formats are pt, npz, npy, safetensors',
      });
  }
}

/** An object of tensors. */
function arraysIn(value: Savable, format: FileEnding): Record<string, Tensor | StateArray> {
  const entries = typeof value === 'object' && value !== null && !isArray(value) ? Object.entries(value) : undefined;
  const wrong = entries?.find(([, item]) => !isArray(item));
  if (entries === undefined || Array.isArray(value) || wrong !== undefined) {
    const what = wrong === undefined ? describe(value) : `${describe(wrong[1])} (${JSON.stringify(wrong[0])})`;
    throw new ArgumentError(`a .${format} file holds tensors by name, not ${what}`, {
      where: 'encode',
      hint: 'a .pt file can hold more',
    });
  }
  return Object.fromEntries(entries as [string, Tensor | StateArray][]);
}

function stored(given: Tensor | StateArray): Tensor | StoredTensor {
  if (isTensor(given)) return given;
  const dtype = dtypeOf(given.data, 'encode');
  return { shape: given.shape, dtype, data: given.data } as StoredTensor;
}
