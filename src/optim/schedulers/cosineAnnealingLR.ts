import { cosPi } from '../math.js';
import type { Optimizer } from '../optimizer.js';
import { checkOptions, finite, positiveCount, type Rules } from '../rules.js';
import { RateScheduler } from './rateScheduler.js';

/** How long the rate falls, and to what. */
export interface CosineAnnealingLROptions {
  /** Epochs from the highest rate to the lowest. */
  readonly tMax: number;
  /** The lowest rate. Default: 0. */
  readonly etaMin?: number;
}

const RULES: Rules<CosineAnnealingLROptions> = { tMax: positiveCount, etaMin: finite };

/**
 * Lowers the learning rates along half a cosine, and after `tMax` epochs raises them again.
 *
 * lr = etaMin + (initial lr − etaMin)·(1 + cos(π·epoch/tMax)) / 2, computed from the rate of the epoch before
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov and Hutter, arXiv 1608.03983
 */
export class CosineAnnealingLR extends RateScheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  constructor(optimizer: Optimizer, { etaMin = 0, ...options }: CosineAnnealingLROptions) {
    super('CosineAnnealingLR', optimizer);
    checkOptions(this.name, { etaMin, ...options }, RULES);
    this.#tMax = options.tMax;
    this.#etaMin = etaMin;
    this.begin();
  }

  protected override rates(): number[] {
    if (this.lastEpoch === 0) return this.scaled(1);
    const epoch = this.lastEpoch;
    const [tMax, etaMin] = [this.#tMax, this.#etaMin];
    return this.optimizer.paramGroups.map(({ lr }, i) => {
      // The epoch before was a lowest point: there the ratio below would be by 0.
      if ((epoch - 1 - tMax) % (2 * tMax) === 0) return lr + (this.baseLrs[i]! - etaMin) * (1 - cosPi(1 / tMax)) / 2;
      return (1 + cosPi(epoch / tMax)) / (1 + cosPi((epoch - 1) / tMax)) * (lr - etaMin) + etaMin;
    });
  }

  protected override initialRates(): number[] {
    return this.baseLrs.map((lr) => this.#etaMin + (lr - this.#etaMin));
  }
}
