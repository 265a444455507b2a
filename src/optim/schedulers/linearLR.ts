import type { Optimizer } from '../optimizer.js';
import { checkOptions, fraction, positiveCount, type Rule, type Rules } from '../rules.js';
import { RateScheduler } from './rateScheduler.js';

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
 * epochs and stays there: a warm-up, with the defaults.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.LinearLR
 */
export class LinearLR extends RateScheduler {
  readonly #startFactor: number;
  readonly #endFactor: number;
  readonly #totalIters: number;

  constructor(optimizer: Optimizer, { startFactor = 1 / 3, endFactor = 1, totalIters = 5, ...others }: LinearLROptions = {}) {
    super('LinearLR', optimizer);
    checkOptions(this.name, { startFactor, endFactor, totalIters, ...others }, RULES);
    this.#startFactor = startFactor;
    this.#endFactor = endFactor;
    this.#totalIters = totalIters;
    this.begin();
  }

  protected override rates(): number[] {
    if (this.lastEpoch === 0) return this.scaled(this.#startFactor);
    if (this.lastEpoch > this.#totalIters) return this.scaled(1);
    const rise = this.#endFactor - this.#startFactor;
    return this.scaled(1 + rise / (this.#totalIters * this.#startFactor + (this.lastEpoch - 1) * rise));
  }

  protected override initialRates(): number[] {
    return this.baseLrs.map((lr) => lr * this.#startFactor);
  }
}
