import { callable, either, listOf, type Rules, readOptions } from '../../runtime/arguments.js';
import type { Optimizer } from '../optimizer.js';
import { copied } from '../state.js';
import { RateScheduler } from './rateScheduler.js';

/** What the rate is multiplied by. */
export interface LambdaLROptions {
  /** The factor for an epoch, counted from 0; a function for each group, or one for all. */
  readonly lrLambda: ((epoch: number) => number) | readonly ((epoch: number) => number)[];
}

const RULES: Rules<LambdaLROptions> = { lrLambda: either(callable, listOf(callable)) };

/**
 * The initial learning rates times a function of the epoch. (For the same bits in every engine, let it do without
 * Math.pow, Math.exp and their like.)
 *
 * @throws {ArgumentError} when there is not one function for all groups, or for each; by `step()` too when a function
 *   returns something other than a finite number ≥ 0
 * @see torch.optim.lr_scheduler.LambdaLR
 * @example new optim.LambdaLR(optimizer, { lrLambda: (epoch) => 1 / (1 + epoch) });
 */
export class LambdaLR extends RateScheduler {
  readonly #lrLambda: LambdaLROptions['lrLambda'];

  constructor(optimizer: Optimizer, options: LambdaLROptions) {
    super('LambdaLR', optimizer, '{ lrLambda: (epoch) => 0.9 ** epoch }');
    this.#lrLambda = copied(readOptions(this.name, options, RULES).lrLambda);
    this.begin();
  }

  protected override rates(): number[] {
    const factors = this.perGroup('lrLambda', this.#lrLambda);
    return this.baseLrs.map((lr, i) => lr * factors[i]!(this.lastEpoch));
  }

  protected override initialRates(): number[] {
    return this.rates();
  }
}
