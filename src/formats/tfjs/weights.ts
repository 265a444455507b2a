/** The weights of a TensorFlow.js model: named in `model.json`, and joined in files. */
import type { StoredTensor } from '../../io/safetensors.js';
import { FileFormatError } from '../../runtime/errors.js';
import { sizeOf } from '../../tensor/shape.js';
import type { Budget } from '../budget.js';
import { bytesOfType, type ElementType, readArray } from '../elements.js';
import type { Sibling } from '../sharded.js';

/** The element types of weights that are not quantised. */
const TYPES: Readonly<Record<string, ElementType>> = { float32: 'f32', int32: 'i32', bool: 'bool', uint8: 'u8' };

/** The element types that float32 is quantised to. */
const QUANTISED: Readonly<Record<string, ElementType>> = { float16: 'f16', uint8: 'u8', uint16: 'u16' };

interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** value = scale · quantised + min, where quantised to integers. */
  readonly scale: number;
  readonly min: number;
}

/**
 * Reads all weights by name.
 *
 * @throws {FileFormatError} when the manifest is damaged, or a file is longer or shorter than it says
 */
export async function readWeights(
  manifest: unknown,
  file: string,
  sibling: Sibling,
  lossy: boolean,
  budgetOf: (bytes: number) => Budget,
): Promise<Map<string, StoredTensor>> {
  const refuse = (problem: string): never => {
    throw new FileFormatError(problem, { file });
  };
  const weights = new Map<string, StoredTensor>();
  const read = new Set<string>();
  if (!Array.isArray(manifest)) return refuse('it has no weightsManifest');
  for (const group of manifest as { paths?: unknown; weights?: unknown }[]) {
    const { paths, weights: specs } = group ?? {};
    if (!Array.isArray(paths) || !Array.isArray(specs)) return refuse('a group of its weightsManifest is damaged');
    const parts: Uint8Array[] = [];
    for (const path of paths as unknown[]) {
      if (typeof path !== 'string' || read.has(path)) return refuse('its weightsManifest names a file twice, or none');
      read.add(path);
      parts.push((await sibling(path)).bytes);
    }
    const bytes = joined(parts);
    const budget = budgetOf(bytes.length);
    let at = 0;
    for (const given of specs as unknown[]) {
      const spec = specOf(given, refuse);
      if (weights.has(spec.name)) refuse(`the weight ${JSON.stringify(spec.name)} is there twice`);
      const end = at + sizeOf(spec.shape) * bytesOfType(spec.type);
      if (!(end <= bytes.length))
        refuse(`the weight ${JSON.stringify(spec.name)} ends at byte ${end} of the ${bytes.length} of its files`);
      const source = {
        what: `the weight ${JSON.stringify(spec.name)}`,
        file: String(paths[0]),
        bytes: bytes.subarray(at, end),
        at: parts.length === 1 ? at : undefined,
        type: spec.type,
        shape: spec.shape,
      };
      weights.set(spec.name, dequantised(readArray(source, { lossy, budget }), spec));
      at = end;
    }
    if (at < bytes.length) refuse(`its files have ${bytes.length} bytes, but its weights only ${at}`);
  }
  return weights;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function specOf(given: unknown, refuse: (problem: string) => never): Spec {
  const { name, shape, dtype, quantization } = (given ?? {}) as Record<string, unknown>;
  if (
    typeof name !== 'string' ||
    !Array.isArray(shape) ||
    !shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  )
    return refuse('its weightsManifest has a weight without a name or a shape');
  const { dtype: stored, scale = 1, min = 0 } = (quantization ?? {}) as Record<string, unknown>;
  const quantised = quantization !== undefined && quantization !== null;
  const type = quantised ? (dtype === 'float32' ? own(QUANTISED, stored) : undefined) : own(TYPES, dtype);
  if (type === undefined || typeof scale !== 'number' || typeof min !== 'number') {
    const shown = JSON.stringify(quantised ? quantization : dtype);
    return refuse(`the weight ${JSON.stringify(name)} has elements of the type ${shown}, which are not read`);
  }
  return { name, shape: shape as number[], type, scale, min };
}

const own = (table: Readonly<Record<string, ElementType>>, key: unknown): ElementType | undefined =>
  typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;

function dequantised(stored: StoredTensor, { scale, min }: Spec): StoredTensor {
  if (scale === 1 && min === 0) return stored;
  const data = Float32Array.from(stored.data as ArrayLike<number>, (value) => value * scale + min);
  return { dtype: 'float32', shape: stored.shape, data };
}
