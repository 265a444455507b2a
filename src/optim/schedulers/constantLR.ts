import { positiveCount, type Rules, readOptions } from '../../runtime/arguments.js';
import type { Optimizer } from '../optimizer.js';
import { aboveZero, FactorLR } from './factorLR.js';

/** How low the rate is at first, and how long. */
export interface ConstantLROptions {
  /** What the rate is multiplied by until then. Default: 1/3. */
  readonly factor?: number;
  /** Epochs until the rate is the initial one. Default: 5. */
  readonly totalIters?: number;
}

const RULES: Rules<ConstantLROptions> = { factor: aboveZero, totalIters: positiveCount };

/**
 * Multiplies the initial learning rates by `factor` in the first `totalIters` epochs.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.ConstantLR
 * @example new optim.ConstantLR(optimizer, { factor: 0.1, totalIters: 3 });
 */
export class ConstantLR extends FactorLR {
  readonly #factor: number;
  readonly #totalIters: number;

  constructor(optimizer: Optimizer, options: ConstantLROptions = {}) {
    super('ConstantLR', optimizer, '{ factor: 0.1 }');
    const { factor, totalIters } = readOptions(this.name, options, RULES, { factor: 1 / 3, totalIters: 5 });
    this.#factor = factor;
    this.#totalIters = totalIters;
    this.begin();
  }

  protected override factor(epoch: number): number {
    return epoch < this.#totalIters ? this.#factor : 1;
  }
}
