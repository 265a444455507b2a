/** Where a NaN or an infinity came from. */

import type { Module } from '../nn/core/module.js';
import { observeForward } from '../nn/core/observeForward.js';
import { NonFiniteError, RangeIndexError } from '../runtime/errors.js';
import { Tensor } from '../tensor/tensor.js';
import type { BufferCopies } from './buffers.js';
import { blameSample, type FailedBatch } from './culprit.js';
import { rehearse } from './rehearsal.js';

/** Ends a step before it changes a weight. */
export class NotFinite extends Error {
  /** @param spoiled the key of the running statistic that is NaN or infinite now, where it is one */
  constructor(
    readonly loss: number,
    readonly spoiled?: string,
  ) {
    super('not finite');
  }
}

/** @throws {NotFinite} when the loss or a running statistic is NaN or infinite */
export function checkFinite(loss: number, buffers: BufferCopies): void {
  const spoiled = Number.isFinite(loss) ? buffers.spoiled() : undefined;
  if (spoiled !== undefined || !Number.isFinite(loss)) throw new NotFinite(loss, spoiled);
}

/**
 * The error to throw for one of a batch, with the model as it was before: what is not finite is explained, and a sample
 * that is to blame is named.
 *
 * @param when in words: `step 17 (epoch 1)`
 * @param lr the learning rate, for the hint
 */
export function explain(error: unknown, failed: FailedBatch, when: string, lr: number): unknown {
  if (error instanceof NotFinite) return explainNonFinite(error, failed, when, lr);
  return error instanceof RangeIndexError ? blameSample(error, failed) : error;
}

/**
 * It runs the batch once more to name the layer in which the first such number arose, and parts of the batch to find
 * the sample. The model is left as it was.
 */
function explainNonFinite({ loss, spoiled }: NotFinite, failed: FailedBatch, when: string, lr: number): NonFiniteError {
  const { model, x, target } = failed;
  const problem =
    spoiled === undefined ? `the loss is ${loss} at ${when}` : `${spoiled} would be NaN or infinite after ${when}`;
  const errorOf = (reason: string, hint: string) => new NonFiniteError(problem + reason, { where: 'fit', hint });
  for (const [name, values] of Object.entries({ inputs: x, targets: target })) {
    if (allFinite(values)) continue;
    const hint = 'look for missing values and divisions by zero in the data';
    const error = errorOf(`: the ${name} of the batch have NaN or infinite values`, hint);
    return blameSample(error, failed, firstRow(values));
  }
  const hint =
    `lower the learning rate (now ${lr}), clip gradients (clipGradNorm), or scale the inputs; ` +
    '{ allowNonFinite: true } goes on regardless';
  const parameter = firstNonFinite(model);
  if (parameter !== undefined) {
    const reason = `: ${parameter} has NaN or infinite values since the update before`;
    return errorOf(reason, hint).inLayer(layerOf(parameter));
  }
  if (spoiled !== undefined) return blameSample(errorOf('', hint).inLayer(layerOf(spoiled)), failed);
  const layer = firstNonFiniteLayer(failed);
  const error =
    layer === undefined
      ? errorOf(": the model's outputs are finite, the loss function made it", hint)
      : errorOf(`: the first NaN or infinity is in the output of ${layer.kind}`, hint).inLayer(layer.path);
  return blameSample(error, failed);
}

/** Key of the first parameter with a NaN or an infinity. */
export function firstNonFinite(model: Module): string | undefined {
  return model.namedParameters().find(([, parameter]) => !allFinite(parameter))?.[0];
}

/** Path of the layer that a parameter belongs to. */
export function layerOf(key: string): string {
  return key.includes('.') ? key.slice(0, key.lastIndexOf('.')) : key;
}

function firstNonFiniteLayer({ model, x, generator }: FailedBatch): { path: string; kind: string } | undefined {
  let found: { path: string; kind: string } | undefined;
  rehearse(
    model,
    () => {
      const stop = observeForward(({ module, path, output }) => {
        if (found === undefined && output instanceof Tensor && !allFinite(output)) {
          found = { path: path === '' ? module.constructor.name : path, kind: module.constructor.name };
        }
      });
      try {
        model.forward(x);
      } finally {
        stop();
      }
    },
    generator,
  );
  return found;
}

/** The row of the first number that is not finite. */
function firstRow(values: Tensor): number | undefined {
  const [rows] = values.shape;
  return rows === undefined
    ? undefined
    : Math.floor(values.view().findIndex((value) => !Number.isFinite(value)) / (values.size / rows));
}

function allFinite(tensor: Tensor): boolean {
  return tensor.dtype !== 'float32' || tensor.view().every(Number.isFinite);
}
