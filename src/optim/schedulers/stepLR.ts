import { notNegative, positiveCount, type Rules, readOptions } from '../../runtime/arguments.js';
import type { Optimizer } from '../optimizer.js';
import { RateScheduler, scaled } from './rateScheduler.js';

/** How often the rate drops, and how far. */
export interface StepLROptions {
  /** Epochs between two drops. */
  readonly stepSize: number;
  /** What the rate is multiplied by. Default: 0.1. */
  readonly gamma?: number;
}

const RULES: Rules<StepLROptions> = { stepSize: positiveCount, gamma: notNegative };

/**
 * Multiplies the learning rates by gamma every `stepSize` epochs.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.StepLR
 */
export class StepLR extends RateScheduler {
  readonly #stepSize: number;
  readonly #gamma: number;

  constructor(optimizer: Optimizer, options: StepLROptions) {
    super('StepLR', optimizer, '{ stepSize: 30 }');
    const { stepSize, gamma } = readOptions(this.name, options, RULES, { gamma: 0.1 });
    this.#stepSize = stepSize;
    this.#gamma = gamma;
    this.begin();
  }

  protected override rates(lrs: readonly number[]): number[] {
    return scaled(lrs, this.lastEpoch > 0 && this.lastEpoch % this.#stepSize === 0 ? this.#gamma : 1);
  }
}
