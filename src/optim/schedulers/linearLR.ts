import { fraction, positiveCount, type Rule, type Rules, readOptions } from '../../runtime/arguments.js';
import type { Optimizer } from '../optimizer.js';
import { RateScheduler, scaled } from './rateScheduler.js';

/** From where to where the rate goes, and how long. */
export interface LinearLROptions {
  /** The factor at the beginning. Default: 1/3. */
  readonly startFactor?: number;
  /** The factor at the end. Default: 1. */
  readonly endFactor?: number;
  /** Epochs from the one to the other. Default: 5. */
  readonly totalIters?: number;
}

/** The next rate is computed from the last one, which 0 would not allow. */
const aboveZero: Rule = { holds: (value) => fraction.holds(value) && value !== 0, expected: 'a number in (0, 1]' };
const RULES: Rules<LinearLROptions> = { startFactor: aboveZero, endFactor: fraction, totalIters: positiveCount };

/**
 * Multiplies the initial learning rates by a factor that goes evenly from `startFactor` to `endFactor` in `totalIters`
 * epochs and stays there: a warm-up, with the defaults. It ends on the initial rate times `endFactor` to the last bit.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.LinearLR
 */
export class LinearLR extends RateScheduler {
  readonly #startFactor: number;
  readonly #endFactor: number;
  readonly #totalIters: number;

  constructor(optimizer: Optimizer, options: LinearLROptions = {}) {
    super('LinearLR', optimizer, '{ totalIters: 5 }');
    const defaults = { startFactor: 1 / 3, endFactor: 1, totalIters: 5 };
    const { startFactor, endFactor, totalIters } = readOptions(this.name, options, RULES, defaults);
    this.#startFactor = startFactor;
    this.#endFactor = endFactor;
    this.#totalIters = totalIters;
    this.begin();
  }

  protected override rates(lrs: readonly number[]): readonly number[] {
    const epoch = this.lastEpoch;
    if (epoch === 0) return scaled(lrs, this.#startFactor);
    if (epoch > this.#totalIters) return lrs;
    const [before, now] = [this.#factor(epoch - 1), this.#factor(epoch)];
    return lrs.map((lr, i) => {
      const base = this.baseLrs[i]!;
      // Exact where nothing else changed the rate; otherwise that change stays in it.
      return lr === base * before ? base * now : lr * (now / before);
    });
  }

  protected override initialRates(): number[] {
    return scaled(this.baseLrs, this.#startFactor);
  }

  protected override joined(lr: number): number {
    return lr * this.#factor(this.lastEpoch);
  }

  #factor(epoch: number): number {
    const [start, end, total] = [this.#startFactor, this.#endFactor, this.#totalIters];
    return epoch < total ? start + ((end - start) * epoch) / total : end;
  }
}
