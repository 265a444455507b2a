/**
 * Models and arrays of other programs: PyTorch, NumPy, safetensors, TensorFlow.js. In any runtime; where there are
 * files, `lanewise/formats` is this with paths.
 *
 * @module lanewise/formats
 */
import { checkArguments } from '../runtime/arguments.js';
import { UnsupportedError } from '../runtime/errors.js';
import { findAddress } from './fetch.js';
import { loadFrom } from './load.js';
import type { Savable } from './pytorch/write.js';
import type { Loaded, LoadOptions, Source } from './types.js';

export * from './public.js';

/**
 * Loads a model or its weights. The format is told by the contents: PyTorch (`.pt`, `.pth`), NumPy (`.npy`, `.npz`),
 * safetensors, the index of a model in several safetensors files, and layers models of TensorFlow.js (`model.json`),
 * which come as a module.
 *
 * float16 and bfloat16 become float32 exactly, bool becomes uint8, other integers become int32. A float64 or int64
 * value that float32 or int32 does not hold is an error, unless `lossy` is set. Nothing in a file is run.
 *
 * @param source a path (not in a browser), an address, a `File` or `Blob`, or bytes
 * @throws {FileFormatError} naming the file, the byte and the tensor, when it is of another kind, truncated or damaged,
 *   has what lanewise has no place for, or would take more memory than its size justifies
 * @throws {MissingDataError} when the file cannot be read or fetched
 * @example
 * const { tensors } = await load(encode(model.stateDict(), 'pt'));
 * model.loadStateDict(tensors);
 */
export function load(source: Source, options: LoadOptions = {}): Promise<Loaded> {
  return loadFrom(source, options, findAddress);
}

/**
 * Writes a file, completely or not at all: `.pt` or `.pth` (PyTorch), `.npz`, `.npy` (NumPy), `.safetensors`. What each
 * can hold: {@link encode}.
 *
 * @throws {UnsupportedError} in a browser, where there are no files to write
 * @throws {ArgumentError} when the name has another ending, or a value is not of a kind that the format can hold
 * @throws {FileWriteError} when the file cannot be written; what was there before stays
 */
export async function save(value: Savable, file: string | URL): Promise<void> {
  checkArguments('save(value=any, file="model.pt"|url)', value, file);
  throw new UnsupportedError(`${String(file)} cannot be written here`, {
    where: 'save',
    hint: 'encode(value, "pt") gives the bytes: offer them as a download',
  });
}
