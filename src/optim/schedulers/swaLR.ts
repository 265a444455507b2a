import { count, either, listOf, notNegative, oneOf, type Rules, readOptions } from '../../runtime/arguments.js';
import { cosPi } from '../math.js';
import type { Optimizer } from '../optimizer.js';
import { copied } from '../state.js';
import { RateScheduler } from './rateScheduler.js';

/** To what the rate goes, and how. */
export interface SWALROptions {
  /** The learning rate at the end, of all groups or of each. */
  readonly swaLr: number | readonly number[];
  /** Epochs until then. Default: 10. */
  readonly annealEpochs?: number;
  /** Along half a cosine, or straight. Default: 'cos'. */
  readonly annealStrategy?: 'cos' | 'linear';
}

const RULES: Rules<SWALROptions> = {
  swaLr: either(notNegative, listOf(notNegative)),
  annealEpochs: count,
  annealStrategy: oneOf('cos', 'linear'),
};

/**
 * Takes the learning rates to a constant one, at which the weights are averaged ({@link AveragedModel}).
 *
 * lr = swaLr·a + lr₀·(1 − a), a going from 0 to 1 in `annealEpochs` epochs; lr₀ is the rate that other schedulers left
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.swa_utils.SWALR; Izmailov et al., arXiv 1803.05407
 * @example new optim.SWALR(optimizer, { swaLr: 0.05, annealEpochs: 5 });
 */
export class SWALR extends RateScheduler {
  readonly #options: Required<SWALROptions>;

  constructor(optimizer: Optimizer, given: SWALROptions) {
    super('SWALR', optimizer, '{ swaLr: 0.05 }');
    const options = readOptions(this.name, given, RULES, { annealEpochs: 10, annealStrategy: 'cos' });
    this.#options = { ...options, swaLr: copied(options.swaLr) };
    this.begin();
  }

  protected override rates(lrs: readonly number[]): number[] {
    const goals = this.perGroup('swaLr', this.#options.swaLr);
    const [before, now] = [this.#share(this.lastEpoch - 1), this.#share(this.lastEpoch)];
    return lrs.map((lr, i) => {
      const goal = goals[i]!;
      const first = before === 1 ? goal : (lr - before * goal) / (1 - before);
      // A rate that another scheduler took below the way to `goal` comes back to it, from 0.
      return Math.max(0, goal * now + first * (1 - now));
    });
  }

  protected override joined(lr: number): number {
    const share = this.#share(this.lastEpoch);
    const goal = this.perGroup('swaLr', this.#options.swaLr)[0]!;
    return goal * share + lr * (1 - share);
  }

  /** How much of the way is behind at the end of an epoch. */
  #share(epoch: number): number {
    const { annealEpochs, annealStrategy } = this.#options;
    const share = annealEpochs === 0 ? 1 : Math.min(1, Math.max(0, epoch / annealEpochs));
    return annealStrategy === 'cos' ? (1 - cosPi(share)) / 2 : share;
  }
}
