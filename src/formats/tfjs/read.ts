/** Reads a model that `model.save` of TensorFlow.js wrote, or its converter: `model.json` and files of weights. */
import { FileFormatError } from '../../runtime/errors.js';
import type { Budget } from '../budget.js';
import type { Sibling } from '../sharded.js';
import type { LoadedLayersModel } from '../types.js';
import { buildModel } from './build.js';
import { layersOf } from './config.js';
import { readWeights } from './weights.js';

/** Whether a JSON file is such a model. */
export function isTfjs(json: object): json is { modelTopology: unknown } {
  return 'modelTopology' in json;
}

/** @throws {FileFormatError} when it is a graph model, has layers that are not read, or is damaged */
export async function readTfjs(
  json: object,
  file: string,
  sibling: Sibling,
  lossy: boolean,
  budgetOf: (bytes: number) => Budget,
): Promise<LoadedLayersModel> {
  const { format, modelTopology, weightsManifest } = json as Record<string, unknown>;
  if (format === 'graph-model') {
    throw new FileFormatError('it is a graph model of TensorFlow.js; layers models are read', {
      file,
      hint: 'convert the Keras model with tensorflowjs_converter --output_format tfjs_layers_model',
    });
  }
  const layers = layersOf(modelTopology, file);
  const weights = await readWeights(weightsManifest, file, sibling, lossy, budgetOf);
  const { model, state, inputShape } = buildModel(layers, weights, file);
  return { format: 'tfjs-layers', model: model.eval(), tensors: state, inputShape };
}
