/** What a classifier's outputs are judged by. Counts are exact; nothing here needs a kernel. */
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, RangeIndexError, ShapeError } from '../runtime/errors.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** Whether these are scores of classes and the ids of the right ones: what accuracy can be told of. */
export function areClassScores(output: Tensor, labels: Tensor): boolean {
  return output.rank === 2 && labels.rank === 1 && labels.dtype === 'int32' && output.shape[0] === labels.shape[0];
}

/**
 * The class with the highest score of each row; the first of equal ones.
 *
 * Shapes: scores [N,C] → N ids
 */
export function predictedClasses(scores: Tensor): Int32Array {
  checkArguments('predictedClasses(scores)', scores);
  if (scores.rank !== 2)
    throw new ShapeError(`scores must be [N, classes], not ${formatShape(scores.shape)}`, {
      where: 'predictedClasses',
    });
  const [rows, classes] = scores.shape as [number, number];
  const values = scores.view();
  const predicted = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * classes;
    let best = 0;
    for (let i = 1; i < classes; i++) if (values[begin + i]! > values[begin + best]!) best = i;
    predicted[row] = best;
  }
  return predicted;
}

/**
 * How many rows have their highest score at the right class.
 *
 * Shapes: scores [N,C] · labels [N] (int32) → number from 0 to N
 * @throws {ShapeError} when these are no class scores and labels
 */
export function countCorrect(scores: Tensor, labels: Tensor): number {
  checkArguments('countCorrect(scores, labels)', scores, labels);
  if (!areClassScores(scores, labels)) {
    throw new ShapeError(
      `scores [N, classes] and int32 labels [N] are needed, not ${formatShape(scores.shape)} ` +
        `and ${labels.dtype} ${formatShape(labels.shape)}`,
      { where: 'countCorrect' },
    );
  }
  const predicted = predictedClasses(scores);
  const right = labels.view();
  let correct = 0;
  for (let row = 0; row < predicted.length; row++) if (predicted[row] === right[row]) correct++;
  return correct;
}

/**
 * The share of rows whose highest score is at the right class.
 *
 * Shapes: scores [N,C] · labels [N] (int32) → number from 0 to 1 (NaN of no rows)
 * @throws {ShapeError} when these are no class scores and labels
 */
export function accuracy(scores: Tensor, labels: Tensor): number {
  checkArguments('accuracy(scores, labels)', scores, labels);
  return countCorrect(scores, labels) / labels.size;
}

/** A table of more could not be held. */
const MOST_CLASSES = 10_000;

/**
 * How often each class was taken for each: `counts[right][predicted]`.
 *
 * @example
 * const confusion = new ConfusionMatrix(10);
 * await evaluate(model, loader, { onBatch: ({ output, target }) => confusion.add(output, target) });
 * console.log(String(confusion));
 */
export class ConfusionMatrix {
  readonly counts: number[][];

  constructor(readonly classes: number) {
    checkArguments('new ConfusionMatrix(classes=10)', classes);
    if (classes > MOST_CLASSES)
      throw new ArgumentError(`classes must be at most ${MOST_CLASSES}, not ${classes}`, { where: 'ConfusionMatrix' });
    this.counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /**
   * Counts a batch.
   *
   * @throws {RangeIndexError} on a label that is not a class
   * @throws {ShapeError} when the scores are of another number of classes
   */
  add(scores: Tensor, labels: Tensor): this {
    checkArguments('confusion.add(scores, labels)', scores, labels);
    if (!areClassScores(scores, labels) || scores.shape[1] !== this.classes) {
      throw new ShapeError(
        `scores [N, ${this.classes}] and int32 labels [N] are needed, not ${formatShape(scores.shape)} ` +
          `and ${labels.dtype} ${formatShape(labels.shape)}`,
        { where: 'ConfusionMatrix' },
      );
    }
    const right = labels.view();
    const stray = right.find((label) => label < 0 || label >= this.classes);
    if (stray !== undefined)
      throw new RangeIndexError(`label ${stray} is none of ${this.classes} classes`, { where: 'ConfusionMatrix' });
    predictedClasses(scores).forEach((predicted, row) => {
      this.counts[right[row]!]![predicted]!++;
    });
    return this;
  }

  /** A table: one line for each right class, one column for each predicted one. */
  toString(): string {
    const header = ['', ...this.counts.map((_, id) => String(id))];
    const rows = [header, ...this.counts.map((counts, id) => [String(id), ...counts.map(String)])];
    const width = Math.max(...rows.flat().map((cell) => cell.length));
    return rows.map((row) => row.map((cell) => cell.padStart(width)).join(' ')).join('\n');
  }
}

/** The confusion matrix of one batch, `counts[right][predicted]`. See {@link ConfusionMatrix} for several. */
export function confusionMatrix(scores: Tensor, labels: Tensor): number[][] {
  checkArguments('confusionMatrix(scores, labels)', scores, labels);
  return new ConfusionMatrix(scores.shape[1] ?? 0).add(scores, labels).counts;
}
