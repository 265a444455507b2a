import { count, listOf, type Rule, type Rules, readOptions } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Optimizer } from '../optimizer.js';
import { RateScheduler } from './rateScheduler.js';
import { Scheduler, type SchedulerState } from './scheduler.js';

/** Which schedulers follow each other, and when. */
export interface SequentialLROptions {
  /** The schedulers, all of the same optimizer, in their order. */
  readonly schedulers: readonly Scheduler[];
  /** The epochs at which the second, third, … takes over. */
  readonly milestones: readonly number[];
}

const followable: Rule = {
  holds: (value) => value instanceof RateScheduler,
  expected: 'a scheduler whose rates follow from the epoch',
};
const RULES: Rules<SequentialLROptions> = { schedulers: listOf(followable), milestones: listOf(count) };

/**
 * One scheduler after another: each begins at its milestone, from the learning rates that the groups began with.
 *
 * @throws {ArgumentError} when a scheduler is of another optimizer, or there is not one milestone between each two,
 *   rising
 * @see torch.optim.lr_scheduler.SequentialLR
 * @example
 * new optim.SequentialLR(optimizer, {
 *   schedulers: [
 *     new optim.LinearLR(optimizer, { totalIters: 5 }),
 *     new optim.CosineAnnealingLR(optimizer, { tMax: 45 }),
 *   ],
 *   milestones: [5],
 * });
 */
export class SequentialLR extends Scheduler {
  readonly #schedulers: readonly RateScheduler[];
  readonly #milestones: readonly number[];

  constructor(optimizer: Optimizer, options: SequentialLROptions) {
    super('SequentialLR', optimizer, '{ schedulers: [first, second], milestones: [5] }');
    const { schedulers, milestones } = readOptions(this.name, options, RULES);
    const foreign = schedulers.findIndex((scheduler) => scheduler.optimizer !== optimizer);
    if (foreign >= 0) throw new ArgumentError(`scheduler ${foreign} is of another optimizer`, { where: this.name });
    if (schedulers.length === 0 || milestones.length !== schedulers.length - 1) {
      throw new ArgumentError(
        `${schedulers.length} schedulers need ${Math.max(schedulers.length - 1, 0)} ` +
          `milestones between them, not ${milestones.length}`,
        { where: this.name },
      );
    }
    if (milestones.some((epoch, i) => i > 0 && epoch <= milestones[i - 1]!))
      throw new ArgumentError(`milestones must rise, not ${milestones.join(', ')}`, { where: this.name });
    this.#schedulers = schedulers as readonly RateScheduler[];
    this.#milestones = [...milestones];
    // Each scheduler has changed the rates when it was made: back to the beginning, for the first alone.
    this.#schedulers[0]!.begin(optimizer.paramGroups.map(({ initialLr, lr }) => initialLr ?? lr));
  }

  step(): void {
    const epoch = this.lastEpoch + 1;
    const current = this.#currentAt(epoch);
    const scheduler = this.#schedulers[current]!;
    if (current > 0 && this.#milestones[current - 1] === epoch) scheduler.beginAnew();
    else scheduler.step();
    this.lastEpoch = epoch;
  }

  /** Number of the scheduler whose turn it is. */
  #currentAt(epoch: number): number {
    return this.#milestones.filter((milestone) => milestone <= epoch).length;
  }

  protected override saveMore(): SchedulerState {
    return { schedulers: this.#schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  protected override readMore({ schedulers }: SchedulerState): () => void {
    if (!Array.isArray(schedulers) || schedulers.length !== this.#schedulers.length) {
      throw this.misfit(`the state is not that of ${this.#schedulers.length} schedulers`);
    }
    const takes = this.#schedulers.map((scheduler, i) => scheduler.read(schedulers[i] as SchedulerState));
    return () => {
      for (const take of takes) take();
      // Last, so that a momentum is that of the scheduler whose turn it is.
      takes[this.#currentAt(this.lastEpoch)]!();
    };
  }
}
