/** Where a NaN or an infinity came from. */
import { observeForward } from '../nn/forward.js';
import type { Module } from '../nn/module.js';
import { NonFiniteError } from '../runtime/errors.js';
import { Tensor } from '../tensor/tensor.js';
import type { BufferCopies } from './buffers.js';
import { blameSample, type FailedBatch } from './culprit.js';
import { rehearse } from './rehearsal.js';

/** Ends a step before it changes a weight. */
export class NotFinite extends Error {
  /** @param spoiled the key of the running statistic that is NaN or infinite now, where it is one */
  constructor(readonly loss: number, readonly spoiled?: string) {
    super('not finite');
  }
}

/** @throws {NotFinite} when the loss or a running statistic is NaN or infinite */
export function checkFinite(loss: number, buffers: BufferCopies): void {
  const spoiled = Number.isFinite(loss) ? buffers.spoiled() : undefined;
  if (spoiled !== undefined || !Number.isFinite(loss)) throw new NotFinite(loss, spoiled);
}

/** A batch that was ended so. */
export interface NonFiniteBatch extends FailedBatch, Pick<NotFinite, 'loss' | 'spoiled'> {
  /** In words: `step 17 (epoch 1)`. */
  readonly when: string;
  readonly lr: number;
}

/**
 * The error for a batch whose loss is NaN or infinite: it runs the batch once more and names the layer in which the
 * first such number arose, and parts of the batch to find the sample that is to blame. The model is left as it was.
 */
export function explainNonFinite(failed: NonFiniteBatch): NonFiniteError {
  const { model, loss, when, spoiled, x, target, lr } = failed;
  const problem = spoiled === undefined ? `the loss is ${loss} at ${when}` : `${spoiled} would be NaN or infinite after ${when}`;
  const where = 'fit';
  for (const [name, values] of [['inputs', x], ['targets', target]] as const) {
    if (isFinite(values)) continue;
    const error = new NonFiniteError(`${problem}: the ${name} of the batch have NaN or infinite values`, {
      where, hint: 'look for missing values and divisions by zero in the data',
    });
    return blameSample(error, failed, firstRow(values));
  }
  const advice = `clip gradients (clipGradNorm), or scale the inputs; { allowNonFinite: true } goes on regardless`;
  const hint = `lower the learning rate (now ${lr}), ${advice}`;
  const parameter = firstNonFinite(model);
  if (parameter !== undefined) {
    return new NonFiniteError(`${problem}: ${parameter} has NaN or infinite values since the update before`, { where, hint }).inLayer(layerOf(parameter));
  }
  if (spoiled !== undefined) return blameSample(new NonFiniteError(problem, { where, hint }).inLayer(layerOf(spoiled)), failed);
  const layer = firstNonFiniteLayer(failed);
  const error = layer === undefined
    ? new NonFiniteError(`${problem}: the model's outputs are finite, the loss function made it`, { where, hint })
    : new NonFiniteError(`${problem}: the first NaN or infinity is in the output of ${layer.kind}`, { where, hint }).inLayer(layer.path);
  return blameSample(error, failed);
}

/** Key of the first parameter with a NaN or an infinity. */
export function firstNonFinite(model: Module): string | undefined {
  return model.namedParameters().find(([, parameter]) => !isFinite(parameter))?.[0];
}

/** Path of the layer that a parameter belongs to. */
export function layerOf(key: string): string {
  return key.includes('.') ? key.slice(0, key.lastIndexOf('.')) : key;
}

function firstNonFiniteLayer({ model, x, generator }: FailedBatch): { path: string; kind: string } | undefined {
  let found: { path: string; kind: string } | undefined;
  rehearse(model, () => {
    const stop = observeForward(({ module, path, output }) => {
      if (found === undefined && output instanceof Tensor && !isFinite(output)) {
        found = { path: path === '' ? module.constructor.name : path, kind: module.constructor.name };
      }
    });
    try {
      model.forward(x);
    } finally {
      stop();
    }
  }, generator);
  return found;
}

/** The row of the first number that is not finite. */
function firstRow(values: Tensor): number | undefined {
  const [rows] = values.shape;
  return rows === undefined ? undefined : Math.floor(values.view().findIndex((value) => !Number.isFinite(value)) / (values.size / rows));
}

function isFinite(tensor: Tensor): boolean {
  return tensor.dtype !== 'float32' || tensor.view().every(Number.isFinite);
}
