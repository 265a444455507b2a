import { notNegative, positiveCount, type Rules, readOptions } from '../../runtime/arguments.js';
import { power } from '../math.js';
import type { Optimizer } from '../optimizer.js';
import { FactorLR } from './factorLR.js';

/** How long the rate falls, and how steeply. */
export interface PolynomialLROptions {
  /** Epochs until the rate is 0. Default: 5. */
  readonly totalIters?: number;
  /** The exponent: 1 is a straight line, more falls faster at first. Default: 1. */
  readonly power?: number;
}

const RULES: Rules<PolynomialLROptions> = { totalIters: positiveCount, power: notNegative };

/**
 * Lowers the learning rates to 0 in `totalIters` epochs, along a polynomial.
 *
 * lr = initial lr·(1 − min(epoch, totalIters) / totalIters)^power
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.PolynomialLR
 * @example new optim.PolynomialLR(optimizer, { totalIters: 20, power: 0.9 });
 */
export class PolynomialLR extends FactorLR {
  readonly #totalIters: number;
  readonly #power: number;

  constructor(optimizer: Optimizer, options: PolynomialLROptions = {}) {
    super('PolynomialLR', optimizer, '{ totalIters: 5 }');
    const read = readOptions(this.name, options, RULES, { totalIters: 5, power: 1 });
    this.#totalIters = read.totalIters;
    this.#power = read.power;
    this.begin();
  }

  protected override factor(epoch: number): number {
    return power(1 - Math.min(1, epoch / this.#totalIters), this.#power);
  }
}
