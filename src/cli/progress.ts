/** The progress bar, on terminals. */
import process from 'node:process';
import { SingleBar } from 'cli-progress';
import type { BatchReport } from '../index.js';
import { grouped, percent, roundedDuration } from '../text/numbers.js';

/** Columns of the bar itself, and those left for numbers that grow longer during the epoch. */
const [SHORTEST, LONGEST, SPARE] = [5, 24, 2];

/**
 * One bar per epoch on stderr, no longer than a line of the terminal, gone when the epoch is over; nothing at all where
 * stderr is not a terminal.
 */
export class EpochBar {
  #bar: SingleBar | null = null;
  #size = SHORTEST;

  /** @param stepsLeft in the whole run after `step`, if that is known */
  constructor(
    private readonly epochs: number | null,
    private readonly stepsLeft: (step: number) => number,
    private readonly samples = 'images',
  ) {}

  update({ epoch, batch, batches, step, trainLoss, trainAccuracy, imagesPerSecond, images }: BatchReport): void {
    if (!process.stderr.isTTY) return;
    const loss = `loss ${trainLoss.toFixed(4)}`;
    const both = `${loss}${trainAccuracy === null ? '' : `, ${percent(trainAccuracy)}`}`;
    const rate = `${grouped(imagesPerSecond)} ${this.samples}/s`;
    const left = `ETA ${roundedDuration((this.stepsLeft(step) * images) / batch / imagesPerSecond)}`;
    const name = `epoch ${epoch}${this.epochs === null ? '' : `/${this.epochs}`}`;
    // Between the name, the bar, the counts and the rest there are blanks; the last column stays free.
    const columns = (process.stderr.columns || 80) - `${name}  ${batches}/${batches}  `.length - 1;
    const tail = (bar: number): string =>
      [[both, rate, left], [both, left], [loss, left], [loss]]
        .map((parts) => parts.join('  '))
        .find((text) => text.length <= columns - bar) ?? '';
    if (this.#bar === null) {
      this.#size = Math.max(SHORTEST, Math.min(LONGEST, columns - tail(SHORTEST + SPARE).length - SPARE));
      this.#bar = new SingleBar({
        format: `${name} {bar} {value}/{total}  {tail}`,
        stream: process.stderr,
        clearOnComplete: true,
        gracefulExit: false,
        barsize: this.#size,
        barCompleteChar: '█',
        barIncompleteChar: '░',
      });
      this.#bar.start(batches, batch, { tail: tail(this.#size) });
    } else {
      this.#bar.update(batch, { tail: tail(this.#size) });
    }
  }

  /** Takes the bar off the screen, so that a line can be printed. */
  clear(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}
