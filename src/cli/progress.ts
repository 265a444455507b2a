/** The progress bar, on terminals. */
import process from 'node:process';
import { SingleBar } from 'cli-progress';
import type { BatchReport } from '../index.js';
import { grouped, percent, roundedDuration } from '../text/numbers.js';

/** One bar per epoch on stderr, gone when the epoch is over; nothing at all where stderr is not a terminal. */
export class EpochBar {
  #bar: SingleBar | null = null;

  /** @param stepsLeft in the whole run after `step`, if that is known */
  constructor(
    private readonly epochs: number | null,
    private readonly stepsLeft: (step: number) => number,
  ) {}

  update({ epoch, batch, batches, step, trainLoss, trainAccuracy, imagesPerSecond, images }: BatchReport): void {
    if (!process.stderr.isTTY) return;
    const shown = {
      loss: trainLoss.toFixed(4),
      accuracy: trainAccuracy === null ? '' : `  accuracy ${percent(trainAccuracy)}`,
      rate: grouped(imagesPerSecond),
      left: roundedDuration((this.stepsLeft(step) * images) / batch / imagesPerSecond),
    };
    if (this.#bar !== null) {
      this.#bar.update(batch, shown);
    } else {
      this.#bar = new SingleBar({
        format:
          `epoch ${epoch}${this.epochs === null ? '' : `/${this.epochs}`} {bar} {value}/{total} ` +
          ' loss {loss}{accuracy}  {rate} images/s  ETA {left}',
        stream: process.stderr,
        clearOnComplete: true,
        gracefulExit: false,
        barsize: 24,
        barCompleteChar: '█',
        barIncompleteChar: '░',
      });
      this.#bar.start(batches, batch, shown);
    }
  }

  /** Takes the bar off the screen, so that a line can be printed. */
  clear(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}
