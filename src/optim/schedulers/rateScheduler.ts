import type { Optimizer } from '../optimizer.js';
import { Scheduler, type SchedulerState } from './scheduler.js';

/** The base of schedulers whose learning rates follow from the epoch, and from the rates of the epoch before. */
export abstract class RateScheduler extends Scheduler {
  /** The learning rate that each group began with. */
  protected baseLrs: number[];

  protected constructor(name: string, optimizer: Optimizer) {
    super(name, optimizer);
    for (const group of optimizer.paramGroups) group.initialLr ??= group.lr;
    this.baseLrs = optimizer.paramGroups.map(({ initialLr }) => initialLr!);
  }

  /** The learning rates of epoch `lastEpoch`, from those that the groups have. */
  protected abstract rates(): number[];

  /** The learning rates of epoch 0, from `baseLrs`. */
  protected initialRates(): number[] {
    return this.baseLrs;
  }

  step(): void {
    this.lastEpoch++;
    this.setRates(this.rates());
  }

  /** Epoch 0, starting from the rates that the groups have: what a constructor ends with. @internal */
  begin(): void {
    this.lastEpoch = 0;
    this.setRates(this.rates());
  }

  /** Epoch 0, starting from the rates that the groups began with: when it takes over from another. @internal */
  beginAnew(): void {
    this.lastEpoch = 0;
    this.setRates(this.initialRates());
  }

  /** The rates of all groups, each times `factor`. */
  protected scaled(factor: number): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr * factor);
  }

  protected override saveMore(): SchedulerState {
    return { base_lrs: this.baseLrs };
  }

  protected override loadMore(state: SchedulerState): void {
    this.baseLrs = this.readRates(state, 'base_lrs');
  }
}
