import { notNegative, positiveCount, type Rules, readOptions } from '../../runtime/arguments.js';
import { cosPi } from '../math.js';
import type { Optimizer } from '../optimizer.js';
import { RateScheduler } from './rateScheduler.js';

/** How long the rate falls until it starts again, and to what. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Epochs until the first restart. */
  readonly t0: number;
  /** How many times longer each cycle is than the one before. Default: 1. */
  readonly tMult?: number;
  /** The lowest rate. Default: 0. */
  readonly etaMin?: number;
}

const RULES: Rules<CosineAnnealingWarmRestartsOptions> = {
  t0: positiveCount,
  tMult: positiveCount,
  etaMin: notNegative,
};

/**
 * Lowers the learning rates along half a cosine, again and again from the initial rates.
 *
 * lr = etaMin + (initial lr − etaMin)·(1 + cos(π·t/T)) / 2, t epochs after the last restart, T the length of the cycle:
 * t0, then t0·tMult, then t0·tMult², …
 *
 * Other changes of the rates do not last: they are computed from the initial ones alone.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.lr_scheduler.CosineAnnealingWarmRestarts; Loshchilov and Hutter, arXiv 1608.03983
 * @example new optim.CosineAnnealingWarmRestarts(optimizer, { t0: 10, tMult: 2 });
 */
export class CosineAnnealingWarmRestarts extends RateScheduler {
  readonly #t0: number;
  readonly #tMult: number;
  readonly #etaMin: number;

  constructor(optimizer: Optimizer, options: CosineAnnealingWarmRestartsOptions) {
    super('CosineAnnealingWarmRestarts', optimizer, '{ t0: 10 }');
    const { t0, tMult, etaMin } = readOptions(this.name, options, RULES, { tMult: 1, etaMin: 0 });
    this.#t0 = t0;
    this.#tMult = tMult;
    this.#etaMin = etaMin;
    this.begin();
  }

  protected override rates(): number[] {
    let [t, length] = [this.lastEpoch, this.#t0];
    if (this.#tMult === 1) t %= length;
    for (; t >= length; length *= this.#tMult) t -= length;
    const height = (1 + cosPi(t / length)) / 2;
    return this.baseLrs.map((lr) => this.#etaMin + (lr - this.#etaMin) * height);
  }

  protected override initialRates(): number[] {
    return this.rates();
  }
}
