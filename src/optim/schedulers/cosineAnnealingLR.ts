import { notNegative, positiveCount, type Rules, readOptions } from '../../runtime/arguments.js';
import { cosPi } from '../math.js';
import type { Optimizer } from '../optimizer.js';
import { RateScheduler } from './rateScheduler.js';

/** How long the rate falls, and to what. */
export interface CosineAnnealingLROptions {
  /** Epochs from the highest rate to the lowest. */
  readonly tMax: number;
  /** The lowest rate. Default: 0. */
  readonly etaMin?: number;
}

const RULES: Rules<CosineAnnealingLROptions> = { tMax: positiveCount, etaMin: notNegative };

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

  constructor(optimizer: Optimizer, options: CosineAnnealingLROptions) {
    super('CosineAnnealingLR', optimizer, '{ tMax: 50 }');
    const { tMax, etaMin } = readOptions(this.name, options, RULES, { etaMin: 0 });
    this.#tMax = tMax;
    this.#etaMin = etaMin;
    this.begin();
  }

  protected override rates(lrs: readonly number[]): readonly number[] {
    if (this.lastEpoch === 0) return lrs;
    const epoch = this.lastEpoch;
    const [tMax, etaMin] = [this.#tMax, this.#etaMin];
    const before = 1 + cosPi((epoch - 1) / tMax);
    const now = 1 + cosPi(epoch / tMax);
    // Away from a lowest point there is no ratio to the rate of before.
    const next = (lr: number, i: number) =>
      before === 0
        ? lr + ((this.baseLrs[i]! - etaMin) * (1 - cosPi(1 / tMax))) / 2
        : (now / before) * (lr - etaMin) + etaMin;
    // A rate below etaMin (it began there, or another scheduler took it there) moves away from it, in time past 0.
    return lrs.map((lr, i) => Math.max(0, next(lr, i)));
  }

  protected override joined(lr: number): number {
    return this.#etaMin + ((lr - this.#etaMin) * (1 + cosPi(this.lastEpoch / this.#tMax))) / 2;
  }

  protected override initialRates(): number[] {
    return this.baseLrs.map((lr) => this.#etaMin + (lr - this.#etaMin));
  }
}
