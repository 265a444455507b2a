/** Files of models: those of `lanewise train`, and those of other programs. */
import fs from 'node:fs';
import path from 'node:path';
import { kindOf } from '../formats/kinds.js';
import { load } from '../formats/node/index.js';
import type { LoadOptions } from '../formats/types.js';
import { CheckpointError, type StoredTensor, type Tensor } from '../index.js';
import { readRegularFile, readWeights } from '../node/index.js';
import { modelOf, type NamedWeights } from '../recipes/index.js';
import { type GivenModel, labelled, type PictureModel, pictureModelOf, type WholeModel } from './pictureModel.js';

/** What messages say of files that `--checkpoint` and `--init` take. */
export const WEIGHTS_HELP =
  'the weights or the model: .safetensors, .pt, .npz, .onnx, model.json of TensorFlow.js, or the directory of a run';

const HINT = 'weights are in best.safetensors and last.safetensors of a run';
/** What a directory is looked through for, in this order. */
const IN_DIRECTORIES = ['best.safetensors', 'last.safetensors', 'model.json', 'model.safetensors.index.json'];

/** The file that is meant: of a directory, the one with the model. */
export function modelFileIn(given: string): string {
  if (!fs.statSync(given, { throwIfNoEntry: false })?.isDirectory()) return given;
  const found = IN_DIRECTORIES.map((name) => path.join(given, name)).find((file) => fs.existsSync(file));
  if (found !== undefined) return found;
  throw new CheckpointError(`is a directory without ${IN_DIRECTORIES.join(', ')}`, { where: given, hint: HINT });
}

/**
 * Whether the bytes are those of an ONNX model, which have no mark: most begin with the version of the format, a number
 * below 128 in field 1.
 */
const isOnnx = (bytes: Uint8Array, file: string): boolean =>
  kindOf(bytes) === undefined && ((bytes[0] === 8 && bytes[1]! < 128) || path.extname(file) === '.onnx');

/** The weights in a file. */
export interface FoundWeights extends NamedWeights {
  readonly format: string;
}

/** How a file is read. */
export interface ReadOptions extends Pick<LoadOptions, 'key' | 'lossy'> {
  /** Whether the state of a run is read, which is not weights alone. Default: false. */
  readonly anything?: boolean;
}

/** Reads weights, or a whole model: then the kernels must have been started. */
export async function readModelFile(given: string, options: ReadOptions = {}): Promise<FoundWeights | WholeModel> {
  const file = modelFileIn(given);
  const { anything = false, ...loadOptions } = options;
  const bytes = readRegularFile(file, { error: CheckpointError, hint: HINT });
  if (isOnnx(bytes, file)) {
    const { importOnnx } = await import('../onnx/index.js');
    const module = importOnnx<Tensor | Tensor[]>(bytes, { lossy: options.lossy === true });
    return { file, format: 'onnx', module, inputs: module.inputs, metadata: module.metadata };
  }
  if (kindOf(bytes) === 'safetensors' && !anything) return { format: 'safetensors', ...readWeights(file) };
  const loaded = await load(file, loadOptions);
  const { format, tensors } = loaded;
  if (format !== 'tfjs-layers') return { file, format, tensors, metadata: metadataOf(loaded) };
  const shape = ['batch', ...loaded.inputShape.map((size, axis) => size ?? `axis ${axis + 1}`)];
  const inputs = [{ name: 'input', shape, dtype: 'float32' as const }];
  return { file, format, module: loaded.model as WholeModel['module'], inputs, metadata: {} };
}

const metadataOf = (loaded: object): Record<string, string> =>
  'metadata' in loaded ? (loaded.metadata as Record<string, string>) : {};

/** The weights in a file, also in that of a whole model. */
export async function readAnyWeights(given: string): Promise<NamedWeights> {
  const read = await readModelFile(given);
  if (!('module' in read)) return read;
  return { file: read.file, tensors: storedState(read.module), metadata: {} };
}

/** The state of a module as a file has it. */
export function storedState(module: WholeModel['module']): Record<string, StoredTensor> {
  return Object.fromEntries(
    Object.entries(module.stateDict()).map(([name, held]) => [
      name,
      { dtype: held.dtype, shape: held.shape, data: held.data() },
    ]),
  );
}

/** The model of a file of any kind, for pictures. */
export async function loadAnyModel(file: string, given: GivenModel): Promise<PictureModel> {
  const read = await readModelFile(file);
  if ('module' in read) return pictureModelOf(read, given);
  return weightsModelOf(read, given);
}

/** The model of lanewise that weights are for. */
export function weightsModelOf(read: NamedWeights, { labels, ...task }: GivenModel): PictureModel {
  return labelled(modelOf(read, task), labels, read.file);
}
