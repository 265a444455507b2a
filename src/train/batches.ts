/** Batch by batch over a loader, without keeping the rest of the program waiting. */

import { crossEntropy } from '../ops/index.js';
import { ArgumentError } from '../runtime/errors.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** What `fit` and `evaluate` read: a `DataLoader`, or whatever numbers its batches in the same way. */
export interface BatchSource {
  /** Batches in an epoch. */
  readonly length: number;
  /** The batches of an epoch (counted from 0) from one of them on. Each turn is a scope. */
  from(epoch: number, batch: number): Iterable<readonly [Tensor, Tensor]>;
  /** The indices of the samples of a batch in the data set, row by row, so that an error can name one. */
  samples?(epoch: number, batch: number): ArrayLike<number>;
}

/** The mean loss of a batch, as a scalar. */
export type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/**
 * `crossEntropy`, for those who chose no loss: not of targets that are numbers.
 *
 * @param where whose default it is
 */
export function classLoss(where: string): LossFunction {
  return (output, target) => {
    if (target.dtype === 'float32' && (target.shape[1] ?? 1) === 1) {
      throw new ArgumentError(`targets of shape ${formatShape(target.shape)} in float32 are not classes`, {
        where,
        hint: 'pass { lossFn: mseLoss } for numbers, { lossFn: bceWithLogits } for 0 and 1; classes are int32',
      });
    }
    return crossEntropy(output, target);
  };
}

/** For how long batches run before timers, signals and the screen get their turn, in ms. */
const SLICE = 100;

/** What may hold a run between two batches. */
export interface Gate {
  /** Whether the run is to come to the gate after the batch at hand. */
  readonly held: boolean;
  /** Resolves once the run may go on: true; or is to end: false. */
  ready(): Promise<boolean>;
}

/** What `goOn` gives; where a callback returned a promise, once that is fulfilled. */
export function after(returned: unknown, goOn: () => boolean): boolean | Promise<boolean> {
  return isThenable(returned) ? Promise.resolve(returned).then(goOn) : goOn();
}

/** Whether a callback returned something that is waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/**
 * Calls `body` for the batches of an epoch from `first` on, until it returns false (or a promise of it, which is waited
 * for when the batch is freed) or the gate says so.
 *
 * Now and then it lets the event loop turn: between two batches, when no scope is open, so that tensors which other
 * code makes meanwhile are not taken for ours.
 *
 * @returns the number of the batch after the last one that was run
 */
export async function forEachBatch(
  source: BatchSource,
  epoch: number,
  first: number,
  body: (x: Tensor, y: Tensor) => boolean | Promise<boolean>,
  gate?: Gate,
): Promise<number> {
  let batch = first;
  while (batch < source.length) {
    if (gate !== undefined && !(await gate.ready())) return batch;
    const begin = batch;
    const since = performance.now();
    let goOn: boolean | Promise<boolean> = true;
    for (const [x, y] of source.from(epoch, batch)) {
      batch++;
      goOn = body(x, y);
      if (goOn !== true || gate?.held === true || performance.now() - since > SLICE) break;
    }
    if (batch === begin)
      throw new ArgumentError(`the loader has ${source.length} batches by its length, but gives only ${batch}`, {
        where: 'loader',
      });
    if (!(await goOn)) return batch;
    await nextTurn();
  }
  return batch;
}

/** Resolves after the event loop turned: signals, timers and messages that were due have been dealt with. */
function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(resolve);
    } else {
      // In pages, setTimeout waits 4 ms and more; a message arrives at once.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}
