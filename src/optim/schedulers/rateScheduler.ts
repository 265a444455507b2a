import { ArgumentError } from '../../runtime/errors.js';
import type { ParamGroup } from '../optimizer.js';
import { Scheduler, type SchedulerState } from './scheduler.js';

/** The base of schedulers whose learning rates follow from the epoch, and from the rates of the epoch before. */
export abstract class RateScheduler extends Scheduler {
  /** The initial learning rate of each group that was taken in. */
  protected baseLrs: readonly number[] = [];

  /** The learning rates of epoch `lastEpoch`, from those before (`lrs`). */
  protected abstract rates(lrs: readonly number[]): readonly number[];

  /** The learning rates of epoch 0, from `baseLrs`. */
  protected initialRates(): readonly number[] {
    return this.baseLrs;
  }

  /** The initial learning rate of a group that is taken in. */
  protected baseLr({ initialLr, lr }: ParamGroup, _i: number): number {
    return initialLr ?? lr;
  }

  /**
   * The rate at `lastEpoch` of a group that joined since then with the rate `lr`. Override it where rates follow a
   * curve; where they are multiplied at events, those that are past do not count for the new group.
   */
  protected joined(lr: number): number {
    return lr;
  }

  step(): void {
    const known = this.baseLrs.length;
    const lrs = this.getLastLr().map((lr, i) => (i < known ? lr : this.joined(lr)));
    this.#moveTo(this.lastEpoch + 1, () => this.rates(lrs));
  }

  /** Epoch 0, starting from `lrs`: what a constructor ends with. @internal */
  begin(lrs: readonly number[] = this.getLastLr()): void {
    this.#moveTo(0, () => this.rates(lrs));
  }

  /** Epoch 0, starting from the rates that the groups began with: when it takes over from another. @internal */
  beginAnew(): void {
    this.#moveTo(0, () => this.initialRates());
  }

  /** Takes in the groups that joined, and sets the rates of an epoch; or throws, and nothing has changed. */
  #moveTo(epoch: number, ratesOf: () => readonly number[]): void {
    const { lastEpoch, baseLrs } = this;
    const groups = this.optimizer.paramGroups;
    if (groups.length < baseLrs.length) {
      throw new ArgumentError(`the optimizer has ${groups.length} parameter groups, and had ${baseLrs.length} before`, {
        where: this.name,
        hint: 'make a new scheduler when groups are taken away',
      });
    }
    try {
      this.lastEpoch = epoch;
      this.baseLrs = groups.map((group, i) => baseLrs[i] ?? this.baseLr(group, i));
      this.setRates(ratesOf());
    } catch (error) {
      this.lastEpoch = lastEpoch;
      this.baseLrs = baseLrs;
      throw error;
    }
    for (let i = baseLrs.length; i < groups.length; i++) groups[i]!.initialLr = this.baseLrs[i]!;
  }

  /** Only of the groups that were taken in: one that joined since the last step is new to the loaded scheduler too. */
  protected override saveMore(): SchedulerState {
    return { base_lrs: [...this.baseLrs] };
  }

  protected override readMore(state: SchedulerState): () => void {
    const baseLrs = this.readRates(state, 'base_lrs', true);
    return () => {
      this.baseLrs = baseLrs;
    };
  }
}

/** Each of the rates times `factor`. */
export function scaled(lrs: readonly number[], factor: number): number[] {
  return lrs.map((lr) => lr * factor);
}
