import type { Optimizer } from '../optimizer.js';
import { checkOptions, notNegative, type Rules } from '../rules.js';
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
    super('ExponentialLR', optimizer);
    checkOptions(this.name, options, RULES);
    this.#gamma = options.gamma;
    this.begin();
  }

  protected override rates(lrs: readonly number[]): number[] {
    return scaled(lrs, this.lastEpoch > 0 ? this.#gamma : 1);
  }
}
