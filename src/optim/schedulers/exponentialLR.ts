import { notNegative, type Rules, readOptions } from '../../runtime/arguments.js';
import type { Optimizer } from '../optimizer.js';
import { RateScheduler, scaled } from './rateScheduler.js';

/** How fast the rate decays. */
export interface ExponentialLROptions {
  /** What the rate is multiplied by every epoch. */
  readonly gamma: number;
}

const RULES: Rules<ExponentialLROptions> = { gamma: notNegative };

/**
 * Multiplies the learning rates by gamma every epoch.
 *
 * @throws {ArgumentError} when gamma is not a finite number ≥ 0
 * @see torch.optim.lr_scheduler.ExponentialLR
 */
export class ExponentialLR extends RateScheduler {
  readonly #gamma: number;

  constructor(optimizer: Optimizer, options: ExponentialLROptions) {
    super('ExponentialLR', optimizer, '{ gamma: 0.9 }');
    this.#gamma = readOptions(this.name, options, RULES).gamma;
    this.begin();
  }

  protected override rates(lrs: readonly number[]): number[] {
    return scaled(lrs, this.lastEpoch > 0 ? this.#gamma : 1);
  }
}
