/** Where a NaN or an infinity came from. */
import { noGrad } from '../autograd/tape.js';
import { observeForward } from '../nn/forward.js';
import type { Module } from '../nn/module.js';
import { NonFiniteError } from '../runtime/errors.js';
import { generatorState, setGeneratorState, type GeneratorState } from '../runtime/generator.js';
import { Tensor } from '../tensor/tensor.js';

/** What was going on when a loss turned out not to be a number. */
export interface NonFiniteLoss {
  readonly loss: number;
  /** In words: `step 17 (epoch 1)`. */
  readonly when: string;
  readonly x: Tensor;
  /** Random streams before the batch, so that dropout drops the same again. */
  readonly generator: GeneratorState;
  readonly lr: number;
}

/**
 * The error for a loss that is NaN or infinite: it runs the batch once more and names the layer in which the first such
 * number arose. The model is left as it was.
 */
export function explainNonFinite(model: Module, { loss, when, x, generator, lr }: NonFiniteLoss): NonFiniteError {
  const problem = `the loss is ${loss} at ${when}`;
  const where = 'fit';
  if (!isFinite(x)) {
    return new NonFiniteError(`${problem}: the inputs of the batch have NaN or infinite values`, { where, hint: 'look for missing values and divisions by zero in the data' });
  }
  const hint = `lower the learning rate (now ${lr}), clip gradients (clipGradNorm), or scale the inputs; { allowNonFinite: true } goes on regardless`;
  const parameter = firstNonFinite(model);
  if (parameter !== undefined) {
    return new NonFiniteError(`${problem}: ${parameter} has NaN or infinite values since the update before`, { where, hint }).inLayer(layerOf(parameter));
  }
  const layer = firstNonFiniteLayer(model, x, generator);
  if (layer === undefined) return new NonFiniteError(`${problem}: the model's outputs are finite, the loss function made it`, { where, hint });
  return new NonFiniteError(`${problem}: the first NaN or infinity is in the output of ${layer.kind}`, { where, hint }).inLayer(layer.path);
}

/** Key of the first parameter with a NaN or an infinity. */
export function firstNonFinite(model: Module): string | undefined {
  return model.namedParameters().find(([, parameter]) => !isFinite(parameter))?.[0];
}

/** Path of the layer that a parameter belongs to. */
export function layerOf(key: string): string {
  return key.includes('.') ? key.slice(0, key.lastIndexOf('.')) : key;
}

function firstNonFiniteLayer(model: Module, x: Tensor, generator: GeneratorState): { path: string; kind: string } | undefined {
  let found: { path: string; kind: string } | undefined;
  const buffers = model.buffers().map((buffer) => [buffer, buffer.data()] as const);
  const streams = generatorState();
  const stop = observeForward(({ module, path, output }) => {
    if (found === undefined && output instanceof Tensor && !isFinite(output)) {
      found = { path: path === '' ? module.constructor.name : path, kind: module.constructor.name };
    }
  });
  try {
    setGeneratorState(generator);
    noGrad(() => { model.forward(x); });
  } finally {
    stop();
    setGeneratorState(streams);
    for (const [buffer, values] of buffers) buffer.assign(values);
  }
  return found;
}

function isFinite(tensor: Tensor): boolean {
  return tensor.dtype !== 'float32' || tensor.view().every(Number.isFinite);
}
