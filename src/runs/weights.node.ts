/** Files of weights, with the description of the model that a training puts into their headers. */
import { DATASETS } from '../data/sets.js';
import { decodeSafetensors } from '../io/safetensors.js';
import { anyOf, MODELS } from '../recipes/models.js';
import { type GivenTask, type LoadedModel, modelOf, type NamedWeights } from '../recipes/task.js';
import { checkArguments } from '../runtime/arguments.js';
import { CheckpointError } from '../runtime/errors.js';
import { readRegularFile } from '../runtime/readFile.node.js';

/**
 * Reads a file of weights.
 *
 * @throws {CheckpointError} when it cannot be read, or is the state of a run
 * @throws {FileFormatError} when it is not a safetensors file
 */
export function readWeights(file: string): NamedWeights {
  checkArguments('readWeights(file="best.safetensors")', file);
  const bytes = readRegularFile(file, {
    error: CheckpointError,
    hint: 'weights are in best.safetensors and last.safetensors of a run',
  });
  const stored = decodeSafetensors(bytes, file);
  if ('lanewiseRun' in stored.metadata)
    throw new CheckpointError('this is the state of a run, not weights alone', {
      where: file,
      hint: 'its weights are in last.safetensors beside it',
    });
  return { ...stored, file };
}

const CALL =
  `loadModel(file="best.safetensors", { model: ${anyOf(MODELS)}, dataset: ${anyOf(DATASETS)}, normalize: true, ` +
  'hidden: [128], channels: 4 })';

/**
 * The model of a file of weights, in evaluation mode: what `lanewise train` or a page has saved. For files that do not
 * say what they are for, such as PyTorch's, `given` says it.
 *
 * @param given settings that the file does not say, or that overrule it
 * @throws {CheckpointError} when the file cannot be read, does not say what it is for, or does not fit the model
 * @throws {FileFormatError} when it is not a safetensors file
 */
export function loadModel(file: string, given: GivenTask = {}): LoadedModel {
  checkArguments(CALL, file, given);
  return modelOf(readWeights(file), given);
}
