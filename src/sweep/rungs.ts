import { ArgumentError } from '../index.js';

/** A round of a sweep: so many trials, the best ones of the round before, are trained up to so many epochs. */
export interface Rung {
  readonly epochs: number;
  readonly trials: number;
}

/**
 * The rounds of successive halving: all trials get few epochs; of each round the best 1/factor go on to factor times as
 * many, up to all epochs. Of 27 trials, 9 epochs and a factor of 3 come 27 for 1 epoch, 9 for 3 and 3 for 9.
 *
 * @throws {ArgumentError} when factor or epochs are none
 * @see Jamieson and Talwalkar 2015, arXiv 1502.07943
 */
export function halvingRungs(trials: number, epochs: number, factor: number, least = 1): Rung[] {
  if (!Number.isInteger(factor) || factor < 2)
    throw new ArgumentError(`the factor must be a whole number ≥ 2, not ${factor}`, { where: 'halving' });
  if (!Number.isInteger(epochs) || epochs < least)
    throw new ArgumentError(`there must be at least ${least} epochs, not ${epochs}`, { where: 'halving' });
  const budgets = [epochs];
  while (budgets[0]! / factor >= least) budgets.unshift(Math.round(budgets[0]! / factor));
  let left = trials;
  return budgets.map((budget) => {
    const rung = { epochs: budget, trials: left };
    left = Math.ceil(left / factor);
    return rung;
  });
}
