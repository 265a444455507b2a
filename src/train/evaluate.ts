import { noGrad } from '../autograd/tape.js';
import { modesOf } from '../nn/core/modes.js';
import type { Module } from '../nn/core/module.js';
import { checkArguments } from '../runtime/arguments.js';
import { RangeIndexError } from '../runtime/errors.js';
import { generatorState } from '../runtime/generator.js';
import type { Tensor } from '../tensor/tensor.js';
import { after, type BatchSource, classLoss, forEachBatch, type Gate, type LossFunction } from './batches.js';
import { blameSample } from './culprit.js';
import { areClassScores, countCorrect } from './metrics.js';
import { type Metrics, measureBy } from './namedMetrics.js';
import { runModel } from './rehearsal.js';

/** One evaluated batch. Its tensors are freed after the callback. */
export interface EvaluatedBatch {
  readonly x: Tensor;
  readonly target: Tensor;
  readonly output: Tensor;
  readonly loss: number;
}

/** What `evaluate` measures by, and whom it tells. */
export interface EvaluateOptions {
  /** Default: `crossEntropy`. */
  readonly lossFn?: LossFunction;
  /** Called after each batch, while its tensors live: until it returns, even where it returns a promise. */
  readonly onBatch?: (batch: EvaluatedBatch) => unknown;
  /** What is measured besides the loss: `['mae', 'r2']`. See {@link Metrics}. */
  readonly metrics?: Metrics;
  /** Ends it after the batch at hand. */
  readonly signal?: AbortSignal;
  /** Holds it between two batches. @internal */
  readonly gate?: Gate;
}

/** What `evaluate` measured. */
export interface Evaluation {
  /** Mean over all samples. */
  readonly loss: number;
  /** Share of samples whose highest score is at the right class; null where the outputs are no class scores. */
  readonly accuracy: number | null;
  /** Samples, of whatever kind. */
  readonly images: number;
  /** By their names; there where `metrics` were asked for. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/**
 * Loss and accuracy of a model over all batches of a loader, in evaluation mode and without gradients. The mode of each
 * layer is as before afterwards.
 *
 * @throws {DOMException} `AbortError` (or the signal's own reason) when `signal` ends it: a part tells nothing about
 *   the whole
 * @example
 * const { loss, accuracy } = await evaluate(model, testLoader);
 */
export async function evaluate(model: Module, loader: BatchSource, options: EvaluateOptions = {}): Promise<Evaluation> {
  checkArguments(
    'evaluate(model, loader, { lossFn: (output, target) => loss, metrics: ["mae"|(output, target) => loss]|settings, ' +
      'onBatch: () => 0, signal, gate: any })',
    model,
    loader,
    options,
  );
  const { lossFn = classLoss('evaluate'), onBatch, signal, gate } = options;
  const measured = options.metrics && measureBy(options.metrics, 'evaluate');
  let lossSum = 0;
  let correct: number | null = 0;
  let images = 0;
  let batch = 0;
  const restoreModes = modesOf(model);
  model.eval();
  try {
    const batches = await forEachBatch(
      loader,
      0,
      0,
      (x, target) => {
        signal?.throwIfAborted();
        const failed = { model, lossFn, x, target, generator: generatorState(), loader, epoch: 0, batch: batch++ };
        let returned: unknown;
        noGrad(() => {
          let [output, loss]: [Tensor, number] = [x, NaN];
          try {
            output = runModel(model, x);
            loss = lossFn(output, target).item();
          } catch (error) {
            throw error instanceof RangeIndexError ? blameSample(error, failed) : error;
          }
          const count = x.shape[0] ?? 1;
          lossSum += loss * count;
          images += count;
          correct = correct !== null && areClassScores(output, target) ? correct + countCorrect(output, target) : null;
          measured?.add(output, target);
          returned = onBatch?.({ x, target, output, loss });
        });
        return after(returned, () => true);
      },
      gate,
    );
    if (batches < loader.length) throw new DOMException('the evaluation was stopped', 'AbortError');
  } finally {
    restoreModes();
  }
  const accuracy = correct === null ? null : correct / images;
  return { loss: lossSum / images, accuracy, images, ...(measured && { metrics: measured.values() }) };
}
