import { fraction, type Rule } from '../../runtime/arguments.js';
import { RateScheduler, scaled } from './rateScheduler.js';

/** A first factor: the next rate is computed from the last one, which 0 would not allow. */
export const aboveZero: Rule = {
  holds: (value) => fraction.holds(value) && value !== 0,
  expected: 'a number in (0, 1]',
};

/** The base of schedulers that multiply the initial learning rates by a factor of the epoch. */
export abstract class FactorLR extends RateScheduler {
  /** The factor of an epoch, from 0; once it is 0 it stays there. */
  protected abstract factor(epoch: number): number;

  protected override rates(lrs: readonly number[]): readonly number[] {
    const epoch = this.lastEpoch;
    const now = this.factor(epoch);
    if (epoch === 0) return scaled(lrs, now);
    const before = this.factor(epoch - 1);
    if (before === now) return lrs;
    return lrs.map((lr, i) => {
      const base = this.baseLrs[i]!;
      // Exact where nothing else changed the rate; otherwise that change stays in it.
      return lr === base * before ? base * now : lr * (now / before);
    });
  }

  protected override initialRates(): number[] {
    return scaled(this.baseLrs, this.factor(0));
  }

  protected override joined(lr: number): number {
    return lr * this.factor(this.lastEpoch);
  }
}
