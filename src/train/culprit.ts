/** Which sample of a batch makes it fail. */
import type { Module } from '../nn/core/module.js';
import { LanewiseError, type SampleReference } from '../runtime/errors.js';
import type { GeneratorState } from '../runtime/generator.js';
import { empty } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BatchSource, LossFunction } from './batches.js';
import { rehearse } from './rehearsal.js';

/** A batch whose forward pass or loss failed, with the model as it was before it. */
export interface FailedBatch {
  readonly model: Module;
  readonly lossFn: LossFunction;
  readonly x: Tensor;
  readonly target: Tensor;
  /** Random streams before the batch, so that dropout drops the same again. */
  readonly generator: GeneratorState;
  readonly loader: BatchSource;
  /** Where the batch comes from, counted from 0. */
  readonly epoch: number;
  readonly batch: number;
}

/** The error itself, with the sample that it arose from, where one is found. */
export function blameSample<E>(error: E, failed: FailedBatch, row = culpritOf(failed)): E {
  if (error instanceof LanewiseError && row !== undefined) error.inSample(sampleAt(failed, row));
  return error;
}

function sampleAt({ loader, epoch, batch }: FailedBatch, row: number): SampleReference {
  return { index: loader.samples?.(epoch, batch)[row], row, batch: batch + 1 };
}

/** The first row without which there is neither an error, nor a loss or a running statistic that is not finite. */
function culpritOf({ model, lossFn, x, target, generator }: FailedBatch): number | undefined {
  const [count] = x.shape;
  if (count === undefined || target.shape[0] !== count) return undefined;
  return isolate(count, (rows) => {
    try {
      return rehearse(
        model,
        (buffers) => {
          const loss = lossFn(model.forward(rowsOf(x, rows)), rowsOf(target, rows)).item();
          return !Number.isFinite(loss) || buffers.spoiled() !== undefined;
        },
        generator,
      );
    } catch {
      return true;
    }
  });
}

/** Rows that pass together are looked for among this many parts of the batch, and halves and quarters of it before. */
const PARTS = 8;

/**
 * The first row that makes a batch fail whose other rows pass together; undefined where there is none, as when all rows
 * fail. It asks about log₂(count) times. Samples are never looked at alone, as they may depend on one another (batch
 * normalisation): rows that pass together are found first, and the others added to them by halves.
 *
 * @param fails whether a batch of these rows fails; always `count` of them, each at its own place, and those that are
 *   left out replaced by one of the others
 */
export function isolate(count: number, fails: (rows: Int32Array) => boolean): number | undefined {
  const failing = (chosen: readonly number[]): boolean => {
    const rows = new Int32Array(count).fill(chosen[0]!);
    for (const row of chosen) rows[row] = row;
    return fails(rows);
  };
  const all = Array.from({ length: count }, (_, row) => row);
  if (count === 0 || !failing(all)) return undefined;
  if (count === 1) return 0;
  let passing = passingPart(all, failing);
  if (passing === undefined) return undefined;
  let suspects = all.filter((row) => row < passing![0]! || row > passing!.at(-1)!);
  while (suspects.length > 1) {
    const half = suspects.slice(0, suspects.length >> 1);
    if (failing([...passing, ...half])) {
      suspects = half;
    } else {
      passing = [...passing, ...half];
      suspects = suspects.slice(half.length);
    }
  }
  // Of two rows that fail together only, either could be the one.
  return passing.length > 1 || failing(suspects) ? suspects[0] : undefined;
}

function passingPart(all: readonly number[], failing: (chosen: readonly number[]) => boolean): number[] | undefined {
  const least = all.length > 3 ? Math.max(2, Math.floor(all.length / PARTS)) : 1;
  for (let size = all.length >> 1; size >= least; size >>= 1) {
    for (let begin = 0; begin + size <= all.length; begin += size) {
      const part = all.slice(begin, begin + size);
      if (!failing(part)) return part;
    }
  }
  return undefined;
}

/** Rows of a tensor of any dtype, one for each of its own. */
function rowsOf(source: Tensor, rows: Int32Array): Tensor {
  const target = empty(source.shape, source.dtype);
  const [from, to] = [source.view(), target.view()];
  const size = source.size / rows.length;
  rows.forEach((row, i) => to.set(from.subarray(row * size, (row + 1) * size), i * size));
  return target;
}
