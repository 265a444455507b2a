/** Models whose tensors are in several files, with an index (`model.safetensors.index.json`). */
import type { StoredTensor } from '../io/safetensors.js';
import { FileFormatError } from '../runtime/errors.js';
import type { Budget } from './budget.js';
import { decodeWith } from './decode.js';
import type { DecodeOptions, LoadedSafetensors } from './types.js';

/** The bytes of another file of the model. */
export type Sibling = (name: string) => Promise<{ name: string; bytes: Uint8Array }>;

/** Whether a JSON file is such an index. */
export function isIndex(json: unknown): json is { weight_map: object; metadata?: unknown } {
  const { weight_map: map } = json as { weight_map?: unknown };
  return typeof map === 'object' && map !== null;
}

/**
 * Reads the files of an index.
 *
 * @throws {FileFormatError} when a file lacks a tensor that the index says it has, or cannot be read
 */
export async function readSharded(
  { weight_map: map, metadata = {} }: { weight_map: object; metadata?: unknown },
  file: string,
  sibling: Sibling,
  options: DecodeOptions,
  budgetOf: (name: string, bytes: number) => Budget,
): Promise<LoadedSafetensors> {
  const shards = new Map<string, string[]>();
  for (const [tensor, shard] of Object.entries(map) as [string, unknown][]) {
    if (typeof shard !== 'string')
      throw new FileFormatError(`weight_map has no name of a file for ${JSON.stringify(tensor)}`, { file });
    const tensors = shards.get(shard);
    if (tensors === undefined) shards.set(shard, [tensor]);
    else tensors.push(tensor);
  }
  const all = Object.create(null) as Record<string, StoredTensor>;
  for (const [shard, names] of shards) {
    const { name, bytes } = await sibling(shard);
    const { tensors } = decodeWith(bytes, options, budgetOf(name, bytes.length));
    for (const tensor of names) {
      all[tensor] =
        tensors[tensor] ??
        raise(`it lacks the tensor ${JSON.stringify(tensor)}, which the index ${file} says it has`, name);
    }
  }
  return { format: 'safetensors', tensors: all, metadata: textsOf(metadata) };
}

function raise(problem: string, file: string): never {
  throw new FileFormatError(problem, { file });
}

/** The metadata of an index, where numbers occur. */
function textsOf(metadata: unknown): Record<string, string> {
  const texts = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries((metadata ?? {}) as object)) texts[key] = String(value);
  return texts;
}
