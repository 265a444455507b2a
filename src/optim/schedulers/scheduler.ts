import { ArgumentError, CheckpointError } from '../../runtime/errors.js';
import type { Optimizer } from '../optimizer.js';

/** What a scheduler has come to, as JSON. */
export type SchedulerState = Readonly<Record<string, unknown>>;

/**
 * The base of all schedulers: it changes the learning rates of an optimizer's groups, at each `step()` and once when it
 * is made. Call `step()` after `optimizer.step()`: once an epoch, or once a batch, as its arguments are meant.
 *
 * Most schedulers multiply the rate that is there, so several of them work together on one optimizer.
 *
 * @see torch.optim.lr_scheduler
 */
export abstract class Scheduler {
  /** Steps so far. */
  lastEpoch = 0;

  /** @param name of the scheduler, for messages and for its state */
  protected constructor(readonly name: string, readonly optimizer: Optimizer) {}

  /** Moves on by one epoch (or batch). `metric` is for those that watch one. */
  abstract step(metric?: number): void;

  /** The learning rate of each group, as they are now. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  /** What it needs to go on from here; its options are not part of it. */
  stateDict(): SchedulerState {
    return { type: this.name, last_epoch: this.lastEpoch, _last_lr: this.getLastLr(), ...this.saveMore() };
  }

  /**
   * Goes on from what `stateDict()` gave, with the options that this scheduler has; sets the learning rates.
   *
   * @throws {CheckpointError} when it is the state of another scheduler, or of other parameter groups
   */
  loadStateDict(state: SchedulerState): void {
    if (typeof state !== 'object' || state === null || state['type'] !== this.name) {
      throw this.misfit(`the state is that of ${state?.['type'] ?? 'no scheduler'}`);
    }
    const lastEpoch = this.readCount(state, 'last_epoch');
    const rates = this.readRates(state, '_last_lr');
    this.loadMore(state);
    this.lastEpoch = lastEpoch;
    this.setRates(rates);
  }

  /** Further entries of the state. */
  protected saveMore(): SchedulerState {
    return {};
  }

  /** Takes them over, or throws and changes nothing. */
  protected loadMore(_state: SchedulerState): void {}

  /** Sets the learning rate of each group. */
  protected setRates(rates: readonly number[]): void {
    this.optimizer.paramGroups.forEach((group, i) => { group.lr = rates[i]!; });
  }

  /** An option that is given for all groups, or one for each. */
  protected perGroup<Value>(option: string, value: Value | readonly Value[]): Value[] {
    const groups = this.optimizer.paramGroups.length;
    if (!Array.isArray(value)) return new Array<Value>(groups).fill(value as Value);
    if (value.length !== groups) throw new ArgumentError(`${value.length} values of ${option} for ${groups} parameter groups`, { where: this.name });
    return [...value] as Value[];
  }

  /** A whole number of the state. @throws {CheckpointError} when it is none */
  protected readCount(state: SchedulerState, key: string): number {
    const value = state[key];
    if (!Number.isInteger(value) || (value as number) < 0) throw this.misfit(`${key} must be a whole number ≥ 0, not ${JSON.stringify(value)}`);
    return value as number;
  }

  /** One number for each group, of the state. @throws {CheckpointError} when it is something else */
  protected readRates(state: SchedulerState, key: string): number[] {
    const value = state[key];
    const groups = this.optimizer.paramGroups.length;
    if (!Array.isArray(value) || value.length !== groups || !value.every(Number.isFinite)) {
      throw this.misfit(`${key} must be ${groups} numbers, one for each parameter group, not ${JSON.stringify(value)}`);
    }
    return value as number[];
  }

  /** The error of a state that does not fit. */
  protected misfit(problem: string): CheckpointError {
    return new CheckpointError(problem, { where: `${this.name}.loadStateDict`, hint: 'build the same scheduler over the same optimizer as the one that was saved' });
  }
}
