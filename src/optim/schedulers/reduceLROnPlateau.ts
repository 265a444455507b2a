import { count, decay, either, listOf, notNegative, oneOf, type Rules, readOptions } from '../../runtime/arguments.js';
import { show } from '../../runtime/describe.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Optimizer } from '../optimizer.js';
import { copied } from '../state.js';
import { Scheduler, type SchedulerState } from './scheduler.js';

/** What counts as better, how long to wait, and how far the rate drops. */
export interface ReduceLROnPlateauOptions {
  /** Whether less is better ('min', a loss) or more ('max', an accuracy). Default: 'min'. */
  readonly mode?: 'min' | 'max';
  /** What the rate is multiplied by. Default: 0.1. */
  readonly factor?: number;
  /** Epochs without a better metric that are let pass. Default: 10. */
  readonly patience?: number;
  /** By how much a metric must be better to count. Default: 1e-4. */
  readonly threshold?: number;
  /** Whether `threshold` is a share of the best metric ('rel') or a difference to it ('abs'). Default: 'rel'. */
  readonly thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction that do not count as without a better metric. Default: 0. */
  readonly cooldown?: number;
  /** The lowest rate, of all groups or of each. Default: 0. */
  readonly minLr?: number | readonly number[];
  /** A reduction by no more than this is left undone. Default: 1e-8. */
  readonly eps?: number;
}

const RULES: Rules<ReduceLROnPlateauOptions> = {
  mode: oneOf('min', 'max'),
  factor: decay,
  patience: count,
  threshold: notNegative,
  thresholdMode: oneOf('rel', 'abs'),
  cooldown: count,
  minLr: either(notNegative, listOf(notNegative)),
  eps: notNegative,
};

const DEFAULTS = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
} as const;

/**
 * Multiplies the learning rates by `factor` when a metric has not become better for more than `patience` epochs.
 *
 * @throws {ArgumentError} when an option is outside its range, and by `step()` without a metric
 * @see torch.optim.lr_scheduler.ReduceLROnPlateau
 * @example
 * const scheduler = new optim.ReduceLROnPlateau(optimizer, { mode: 'max', patience: 2 });
 * scheduler.step(accuracy);   // after each epoch
 */
export class ReduceLROnPlateau extends Scheduler {
  readonly #options: Required<ReduceLROnPlateauOptions>;
  /** Null: there was no metric yet. */
  #best: number | null = null;
  #badEpochs = 0;
  #cooldown = 0;

  constructor(optimizer: Optimizer, options: ReduceLROnPlateauOptions = {}) {
    super('ReduceLROnPlateau', optimizer, '{ patience: 10 }');
    const given = readOptions(this.name, options, RULES, DEFAULTS);
    this.#options = { ...given, minLr: copied(given.minLr) };
    this.perGroup('minLr', this.#options.minLr);
  }

  step(metric?: number): void {
    if (typeof metric !== 'number')
      throw new ArgumentError('a step needs the metric to watch', { where: this.name, hint: 'scheduler.step(loss)' });
    const minLrs = this.perGroup('minLr', this.#options.minLr);
    this.lastEpoch++;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#badEpochs = 0;
    } else {
      this.#badEpochs++;
    }
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#badEpochs = 0;
    }
    if (this.#badEpochs > this.#options.patience) {
      this.#reduce(minLrs);
      this.#cooldown = this.#options.cooldown;
      this.#badEpochs = 0;
    }
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === 'min' ? -1 : 1;
    const best = this.#best ?? -sign * Infinity;
    const bar = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === 'min' ? metric < bar : metric > bar;
  }

  #reduce(minLrs: readonly number[]): void {
    const { factor, eps } = this.#options;
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * factor, minLrs[i]!);
      if (group.lr - lr > eps) group.lr = lr;
    });
  }

  protected override saveMore(): SchedulerState {
    return { best: this.#best, num_bad_epochs: this.#badEpochs, cooldown_counter: this.#cooldown };
  }

  protected override readMore(state: SchedulerState): () => void {
    const { best } = state;
    if (best !== null && (typeof best !== 'number' || Number.isNaN(best))) {
      throw this.misfit(`best must be a number or null, not ${show(best)}`);
    }
    const [badEpochs, cooldown] = [this.readCount(state, 'num_bad_epochs'), this.readCount(state, 'cooldown_counter')];
    return () => {
      this.#best = best;
      this.#badEpochs = badEpochs;
      this.#cooldown = cooldown;
    };
  }
}
