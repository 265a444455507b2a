/** What each step of a run came to, kept beside its checkpoints. */
import fs from 'node:fs';
import path from 'node:path';
import type { BatchReport, train } from '../index.js';
import { RunDirectory, writeFileAtomic } from '../node.js';
import type { Curve } from './result.js';

const FILE = 'curve.f32';

/** Points that a curve is thinned out to. */
const POINTS = 500;
/** Batches over which the training accuracy is taken, to tell when it reached 90 %, and whether it ended at chance. */
const WINDOW = 100;

/**
 * The checkpoints of a run directory, and with each of them the loss of every step and the images that were told right
 * in its epoch so far, as pairs of float32. That file is written before the state, so it reaches at least as far; a
 * resumed run writes the same numbers over those beyond.
 */
export class RecordedRun implements train.CheckpointStore {
  #values: Float32Array;
  /** Steps that were done. */
  #steps = 0;
  progress: train.Progress | null = null;

  constructor(readonly directory: RunDirectory, private readonly batches: number, private readonly batchSize: number, private readonly images: number) {
    const bytes = fs.existsSync(this.#file) ? fs.readFileSync(this.#file) : new Uint8Array();
    this.#values = new Float32Array(Math.max(2048, 2 * Math.ceil(bytes.length / 8)));
    new Uint8Array(this.#values.buffer).set(bytes);
  }

  get name(): string { return this.directory.name; }
  get #file(): string { return path.join(this.directory.path, FILE); }

  load(): Uint8Array | null {
    return this.directory.load();
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

  get steps(): number { return this.#steps; }

  /** Means over bins of equal length. */
  curve(): Curve {
    const every = Math.max(1, Math.ceil(this.#steps / POINTS));
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

  /** The first step up to which the mean accuracy of 100 batches in a row reached `accuracy`; null where it never did. */
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
   * Whether the last 100 batches were told right no better than by always naming a class that so large a share of the
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

  /** Images told right in the batch of a step (counted from 0). */
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
