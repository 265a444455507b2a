/** What each step of a run came to, kept beside its checkpoints. */
import path from 'node:path';
import { type BatchReport, CheckpointError, decodeSafetensors, LanewiseError, type train } from '../index.js';
import { type RunDirectory, writeFileAtomic } from '../node/index.js';
import { history } from './checks.js';
import { isFile, readFile } from './files.js';
import { type Check, fields, mismatch, nullable, number, parseJson, whole } from './json.js';
import { CURVE_POINTS, type Curve } from './result.js';
import { CURVE, runAgain } from './runFiles.js';

/** Batches over which the training accuracy is taken, to tell when it reached 90 %, and whether it ended at chance. */
const WINDOW = 100;

/**
 * The checkpoints of a run directory, and with each of them the loss of every step and the images that were classified
 * correctly in its epoch so far, as pairs of float32. That file is written before the state, so it reaches at least as
 * far; a resumed run writes the same numbers over those beyond.
 */
export class RecordedRun implements train.CheckpointStore {
  #values: Float32Array;
  /** Steps in the file. */
  readonly #kept: number;
  /** Steps that were done. */
  #steps = 0;
  /** Of the last checkpoint: the last one saved, or else the one that was loaded. */
  progress: train.Progress | null = null;

  /** @throws {CheckpointError} when there is something else than a file of steps */
  constructor(
    readonly directory: RunDirectory,
    private readonly batches: number,
    private readonly batchSize: number,
    private readonly images: number,
  ) {
    const bytes = readFile(this.#file, runAgain(directory.path)) ?? new Uint8Array();
    this.#kept = Math.floor(bytes.length / 8);
    this.#values = new Float32Array(Math.max(2048, 2 * this.#kept));
    new Uint8Array(this.#values.buffer).set(bytes.subarray(0, 8 * this.#kept));
  }

  get name(): string {
    return this.directory.name;
  }
  get #file(): string {
    return path.join(this.directory.path, CURVE);
  }

  /**
   * The state. From then on `steps` and `progress` are those of the run so far.
   *
   * @throws {CheckpointError} when it cannot be read, or the recorded steps do not belong to it
   * @throws {FileFormatError} when it is not a safetensors file
   */
  load(): Uint8Array | null {
    const bytes = this.#readState();
    if (bytes !== null) this.#continueFrom(progressIn(bytes, this.name, runAgain(this.directory.path)));
    return bytes;
  }

  #readState(): Uint8Array | null {
    const hint = runAgain(this.directory.path);
    if (!isFile(this.name, hint)) return null;
    try {
      return this.directory.load();
    } catch (cause) {
      if (cause instanceof LanewiseError) throw cause;
      throw new CheckpointError(`cannot be read: ${(cause as Error).message}`, { where: this.name, hint, cause });
    }
  }

  #continueFrom(progress: train.Progress): void {
    this.progress = progress;
    this.#steps = progress.step;
    // `fit` refuses a state with another number of batches, and gives the likely reason.
    if (progress.batches === this.batches) this.#verify(progress);
  }

  /** Checks that the recorded steps belong to a state: they add up to its losses and accuracies, bit for bit. */
  #verify({ step, epoch, history: epochs, totals }: train.Progress): void {
    const refuse = (problem: string): never => {
      throw new CheckpointError(problem, { where: this.#file, hint: runAgain(this.directory.path) });
    };
    if (this.#kept < step) refuse(`holds ${this.#kept} steps, expected the ${step} of the state`);
    for (let first = 0; first < step; first += this.batches) {
      const [index, end] = [first / this.batches, Math.min(first + this.batches, step)];
      const there = index < epoch ? epochs[index]! : metricsOf(totals);
      let [loss, images] = [0, 0];
      for (let i = first; i < end; i++) {
        const [size, correct] = [this.#size(i), this.#right(i)];
        loss += this.#values[2 * i]! * size;
        images += size;
        if (there.trainAccuracy !== null && !(Number.isInteger(correct) && correct >= 0 && correct <= size)) {
          refuse(`says that ${correct} of ${size} images were correct in step ${i + 1}`);
        }
      }
      const compare = (name: string, mine: number, wanted: number | null): void => {
        if (wanted === null || mine === wanted) return;
        refuse(`is damaged: the ${name} of epoch ${index + 1} is ${mine}, expected ${wanted} as in the state`);
      };
      compare('loss', loss / images, there.trainLoss);
      compare('accuracy', this.#values[2 * end - 1]! / images, there.trainAccuracy);
    }
  }

  save(checkpoint: train.Checkpoint): void {
    this.progress = checkpoint.progress;
    this.#steps = checkpoint.progress.step;
    writeFileAtomic(this.#file, new Uint8Array(this.#values.buffer, 0, 8 * this.#steps));
    this.directory.save(checkpoint);
  }

  /** Takes note of a step. */
  add({ step, loss, trainAccuracy, images }: BatchReport): void {
    const at = 2 * (step - 1);
    if (at + 2 > this.#values.length) {
      const longer = new Float32Array(2 * this.#values.length);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[at] = loss;
    this.#values[at + 1] = trainAccuracy === null ? NaN : Math.round(trainAccuracy * images);
    this.#steps = step;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Means over bins of equal length. */
  curve(): Curve {
    const every = Math.max(1, Math.ceil(this.#steps / CURVE_POINTS));
    const [loss, accuracy]: [(number | null)[], (number | null)[]] = [[], []];
    for (let begin = 0; begin < this.#steps; begin += every) {
      const end = Math.min(begin + every, this.#steps);
      let [lossSum, right, images] = [0, 0, 0];
      for (let i = begin; i < end; i++) {
        lossSum += this.#values[2 * i]!;
        right += this.#right(i);
        images += this.#size(i);
      }
      loss.push(finite(lossSum / (end - begin)));
      accuracy.push(finite(right / images));
    }
    return { every, loss, accuracy };
  }

  /**
   * The first step up to which the mean accuracy of 100 batches in a row reached `accuracy`; null where it never did.
   */
  stepsTo(accuracy: number): number | null {
    let [right, images] = [0, 0];
    for (let i = 0; i < this.#steps; i++) {
      right += this.#right(i);
      images += this.#size(i);
      if (i >= WINDOW) {
        right -= this.#right(i - WINDOW);
        images -= this.#size(i - WINDOW);
      }
      if (i + 1 >= WINDOW && right / images >= accuracy) return i + 1;
    }
    return null;
  }

  /**
   * Whether the last 100 batches were classified no better than by always naming a class that so large a share of the
   * images has: up to three standard deviations above it.
   */
  endsAtChance(share: number): boolean {
    let [right, images] = [0, 0];
    for (let i = Math.max(0, this.#steps - WINDOW); i < this.#steps; i++) {
      right += this.#right(i);
      images += this.#size(i);
    }
    return right / images <= share + 3 * Math.sqrt((share * (1 - share)) / images);
  }

  /** Images classified correctly in the batch of a step (counted from 0). */
  #right(i: number): number {
    const soFar = this.#values[2 * i + 1]!;
    return i % this.batches === 0 ? soFar : soFar - this.#values[2 * i - 1]!;
  }

  /** Images in that batch. */
  #size(i: number): number {
    const before = (i % this.batches) * this.batchSize;
    return Math.min(this.batchSize, this.images - before);
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

// ---- The state ----

/** Loss and accuracy of an epoch that is under way. */
function metricsOf({
  loss,
  correct,
  images,
}: train.EpochTotals): Pick<train.EpochMetrics, 'trainLoss' | 'trainAccuracy'> {
  return { trainLoss: loss / images, trainAccuracy: correct === null ? null : correct / images };
}

const progress: Check<{ readonly progress: train.Progress }> = (value, place) => {
  const { progress: found } = fields<{ progress: train.Progress }>({
    progress: fields<train.Progress>({
      step: whole(),
      epoch: whole(),
      batch: whole(),
      batches: whole(1),
      seconds: number(0),
      history,
      totals: fields<train.EpochTotals>({
        loss: number(),
        correct: nullable(whole()),
        images: whole(),
        seconds: number(0),
      }),
    }),
  })(value, place);
  const { step, epoch, batch, batches } = found;
  if (step !== epoch * batches + batch) {
    mismatch('progress.step', `is ${step}, expected ${epoch} epochs of ${batches} batches and ${batch} more`);
  }
  if (found.history.length !== epoch) {
    mismatch('progress.history', `has ${found.history.length} epochs, expected ${epoch}`);
  }
  return { progress: found };
};

/** The progress that a state was saved with. */
function progressIn(bytes: Uint8Array, where: string, hint: string): train.Progress {
  const text = decodeSafetensors(bytes, where).metadata.lanewiseRun;
  if (text === undefined) throw new CheckpointError('this file holds no state to continue from', { where, hint });
  return parseJson(text, progress, { where, hint }).progress;
}
