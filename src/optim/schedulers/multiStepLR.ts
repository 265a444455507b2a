import { count, listOf, notNegative, type Rules, readOptions } from '../../runtime/arguments.js';
import { power } from '../math.js';
import type { Optimizer } from '../optimizer.js';
import { RateScheduler, scaled } from './rateScheduler.js';

/** When the rate drops, and how far. */
export interface MultiStepLROptions {
  /** The epochs of the drops; one that is named twice drops twice. */
  readonly milestones: readonly number[];
  /** What the rate is multiplied by. Default: 0.1. */
  readonly gamma?: number;
}

const RULES: Rules<MultiStepLROptions> = { milestones: listOf(count), gamma: notNegative };

/**
 * Multiplies the learning rates by gamma at the given epochs.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.MultiStepLR
 */
export class MultiStepLR extends RateScheduler {
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  constructor(optimizer: Optimizer, options: MultiStepLROptions) {
    super('MultiStepLR', optimizer, '{ milestones: [30, 60] }');
    const { milestones, gamma } = readOptions(this.name, options, RULES, { gamma: 0.1 });
    this.#milestones = [...milestones];
    this.#gamma = gamma;
    this.begin();
  }

  protected override rates(lrs: readonly number[]): number[] {
    return scaled(lrs, this.#drop());
  }

  protected override initialRates(): number[] {
    return scaled(this.baseLrs, this.#drop());
  }

  #drop(): number {
    return power(this.#gamma, this.#milestones.filter((epoch) => epoch === this.lastEpoch).length);
  }
}
