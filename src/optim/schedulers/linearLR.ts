import { fraction, positiveCount, type Rules, readOptions } from '../../runtime/arguments.js';
import type { Optimizer } from '../optimizer.js';
import { aboveZero, FactorLR } from './factorLR.js';

/** From where to where the rate goes, and how long. */
export interface LinearLROptions {
  /** The factor at the beginning. Default: 1/3. */
  readonly startFactor?: number;
  /** The factor at the end. Default: 1. */
  readonly endFactor?: number;
  /** Epochs from the one to the other. Default: 5. */
  readonly totalIters?: number;
}

const RULES: Rules<LinearLROptions> = { startFactor: aboveZero, endFactor: fraction, totalIters: positiveCount };

/**
 * Multiplies the initial learning rates by a factor that goes evenly from `startFactor` to `endFactor` in `totalIters`
 * epochs and stays there: a warm-up, with the defaults. It ends on the initial rate times `endFactor` to the last bit.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.LinearLR
 */
export class LinearLR extends FactorLR {
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

  protected override factor(epoch: number): number {
    const [start, end, total] = [this.#startFactor, this.#endFactor, this.#totalIters];
    return epoch < total ? start + ((end - start) * epoch) / total : end;
  }
}
