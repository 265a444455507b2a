/** Forward passes beside those of the training, which leave no trace in the model. */

import { noGrad } from '../autograd/tape.js';
import { modesOf } from '../nn/core/modes.js';
import type { Module } from '../nn/core/module.js';
import { observe, unobserved } from '../nn/core/watch.js';
import { crossEntropy } from '../ops/index.js';
import { checkArguments } from '../runtime/arguments.js';
import { LanewiseError, OutOfMemoryError, RangeIndexError, ShapeError } from '../runtime/errors.js';
import { type GeneratorState, generatorState, setGeneratorState } from '../runtime/generator.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BatchSource, LossFunction } from './batches.js';
import { BufferCopies } from './buffers.js';
import type { Progress } from './checkpoint.js';

/**
 * Runs `body`, which calls `forward` of the model, without gradients and observers. Buffers, the mode of each layer and
 * the random streams are put back, also when it throws.
 *
 * @param body gets the buffers as they were before
 * @param generator the random streams that `body` draws from; default: as they are
 */
export function rehearse<R>(model: Module, body: (buffers: BufferCopies) => R, generator?: GeneratorState): R {
  const buffers = new BufferCopies(model);
  const streams = generatorState();
  const restoreModes = modesOf(model);
  try {
    if (generator !== undefined) setGeneratorState(generator);
    return unobserved(() => noGrad(() => body(buffers)));
  } finally {
    buffers.putBack();
    restoreModes();
    setGeneratorState(streams);
  }
}

/**
 * `model.forward(x)`. Where its error names no layer, as modules that are no `Layer` do not name themselves, the pass
 * runs once more under an observer, which finds the one.
 */
export function runModel(model: Module, x: Tensor): Tensor {
  try {
    return model.forward(x);
  } catch (error) {
    // (Memory that has run out is not asked for once more.)
    if (error instanceof LanewiseError && error.layer === undefined && !(error instanceof OutOfMemoryError)) {
      const layer = rehearse(model, () => failingLayer(model, x, error.code));
      if (layer !== undefined) error.inLayer(layer);
    }
    throw error;
  }
}

function failingLayer(model: Module, x: Tensor, code: string): string | undefined {
  const stop = observe(() => {});
  try {
    model.forward(x);
  } catch (error) {
    if (error instanceof LanewiseError && error.code === code) return error.layer;
  } finally {
    stop();
  }
  return undefined;
}

/** What a run trains on, as far as it decides whether the last batch of an epoch is reached. */
export interface LastBatchOptions {
  readonly loader: BatchSource;
  readonly lossFn?: LossFunction;
  readonly epochs?: number;
  readonly steps?: number;
}

/** How far a run has come: steps and epochs that are complete, batches done in the next one. */
export type RunPlace = Pick<Progress, 'step' | 'epoch' | 'batch'>;

const CALL =
  'checkLastBatch(model, { loader!: loader, lossFn: (output, target) => loss, epochs: 5|0|Infinity, ' +
  'steps: 100|0|Infinity, ... }, from?=state)';

/**
 * Makes sure, before the first step, that the model can be trained on the last batch of an epoch, where the run reaches
 * it and its size is not that of the others: a batch normalisation, for example, cannot be trained on a single value
 * per channel. One forward pass of that batch tells; it leaves no trace.
 *
 * @param from where the run is to go on; default: its beginning
 * @throws {ShapeError} when the model or the loss fails on that batch, but not on the first one
 */
export function checkLastBatch(
  model: Module,
  options: LastBatchOptions,
  from: RunPlace = { step: 0, epoch: 0, batch: 0 },
): void {
  checkArguments(CALL, model, options, from);
  const { loader, lossFn = crossEntropy, epochs = Infinity, steps = Infinity } = options;
  const [epoch, batch] = from.batch < loader.length ? [from.epoch, from.batch] : [from.epoch + 1, 0];
  if (loader.length < 2 || epoch >= epochs || from.step + loader.length - batch > steps) return;
  const at = <R>(index: number, body: (x: Tensor, target: Tensor) => R): R | undefined => {
    for (const [x, target] of loader.from(epoch, index)) return body(x, target);
    return undefined;
  };
  const failureOn = (
    x: Tensor,
    target: Tensor,
  ): { readonly size: number | undefined; readonly error: unknown } | null => {
    try {
      rehearse(model, () => {
        model.train();
        lossFn(runModel(model, x), target);
      });
      return null;
    } catch (error) {
      return { size: x.shape[0], error };
    }
  };
  const streams = generatorState();
  try {
    const usual = at(0, (x) => x.shape[0]);
    const failure = at(loader.length - 1, (x, target) => (x.shape[0] === usual ? null : failureOn(x, target)));
    // What fails on every batch is reported by the first step; what is due to the data, by the step that reads them.
    if (failure == null || isOfData(failure.error) || at(0, failureOn) != null) return;
    const { size, error } = failure;
    const reason =
      error instanceof LanewiseError ? error.summary : error instanceof Error ? error.message : String(error);
    throw new ShapeError(
      'the model cannot be trained on the last batch of an epoch, ' +
        `which has ${samples(size)} (the first has ${usual}): ${reason}`,
      {
        where: 'fit',
        cause: error,
        hint: 'leave that batch out with { dropLast: true } in the DataLoader, ' + 'or choose another batch size',
      },
    );
  } finally {
    setGeneratorState(streams);
  }
}

const samples = (count: number | undefined): string => (count === 1 ? '1 sample' : `${count} samples`);

/** Whether another size of the batch would not help. */
const isOfData = (error: unknown): boolean => error instanceof RangeIndexError || error instanceof OutOfMemoryError;
