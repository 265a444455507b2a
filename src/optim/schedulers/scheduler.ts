import { having, isRecord, notNegative, refusal } from '../../runtime/arguments.js';
import { show } from '../../runtime/describe.js';
import { ArgumentError, CheckpointError } from '../../runtime/errors.js';
import { examples } from '../../runtime/examples.js';
import { withoutRounding } from '../math.js';
import type { Optimizer } from '../optimizer.js';

const isOptimizer = having('an optimizer', 'paramGroups', 'step');

/** What a scheduler has come to, as JSON. */
export type SchedulerState = Readonly<Record<string, unknown>>;

/**
 * The base of all schedulers: it changes the learning rates of an optimizer's groups, at each `step()` and once when it
 * is made. Call `step()` after `optimizer.step()`: once an epoch, or once a batch, as its arguments are meant.
 *
 * Most schedulers multiply the rate that is there, so several of them work together on one optimizer. None of them
 * leaves a rate that is not a finite number ≥ 0.
 *
 * A group that joins the optimizer later (`addParamGroup`) is taken in at the next `step()`; the `lr` that it joined
 * with is its initial rate. Schedulers that multiply at events (StepLR, MultiStepLR, ExponentialLR, ReduceLROnPlateau)
 * apply to it what comes from then on; those that follow a curve (LinearLR, CosineAnnealingLR, LambdaLR) put it where
 * it would be, had it been there from the beginning; OneCycleLR gives it the cycle of the others. Where an option is a
 * list with a value for each group, there is none for the new one: `step()` throws, and changes nothing.
 *
 * @see torch.optim.lr_scheduler
 */
export abstract class Scheduler {
  /** Steps so far. */
  lastEpoch = 0;

  /**
   * @param name of the scheduler, for messages and for its state
   * @param options an example of its options, for messages: `'{ gamma: 0.9 }'`
   * @throws {ArgumentError} when `optimizer` is not one
   */
  protected constructor(
    readonly name: string,
    readonly optimizer: Optimizer,
    options = '',
  ) {
    examples.set(name, `new optim.${name}(optimizer${options && `, ${options}`})`);
    if (!isOptimizer.holds(optimizer)) throw refusal(name, 'optimizer', 'an optimizer', optimizer);
  }

  /**
   * Moves on by one epoch (or batch). `metric` is for those that watch one.
   *
   * @throws {ArgumentError} when a group joined for which a list has no value, or a rate would not be a finite number
   *   ≥ 0: nothing has changed then
   */
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
   * Goes on from what `stateDict()` gave, with the options that this scheduler has; sets the learning rates. Nothing is
   * changed when something does not fit. (A rate that rounding left below 0, by at most a millionth of the initial
   * rate, is taken for 0.)
   *
   * @throws {CheckpointError} when it is the state of another scheduler, or of other parameter groups
   */
  loadStateDict(state: SchedulerState): void {
    this.read(state)();
  }

  /** Checks a state, and returns what takes it over: until that is called, nothing has changed. @internal */
  read(state: SchedulerState): () => void {
    const type = isRecord(state) ? state.type : undefined;
    if (type !== this.name)
      throw this.misfit(`the state is that of ${typeof type === 'string' ? type : 'no scheduler'}`);
    const known = this.stateDict();
    for (const key of Object.keys(state)) {
      if (!Object.hasOwn(known, key))
        throw this.misfit(`the state has the entry ${key}, which ${this.name} does not know`);
    }
    const lastEpoch = this.readCount(state, 'last_epoch');
    const rates = this.readRates(state, '_last_lr');
    const takeMore = this.readMore(state);
    return () => {
      this.lastEpoch = lastEpoch;
      takeMore();
      this.setRates(rates);
    };
  }

  /** Further entries of the state. */
  protected saveMore(): SchedulerState {
    return {};
  }

  /** Checks them, and returns what takes them over. */
  protected readMore(_state: SchedulerState): () => void {
    return () => {};
  }

  /**
   * Sets the learning rate of each group.
   *
   * @throws {ArgumentError} when one is not a finite number ≥ 0: none is set then
   */
  protected setRates(rates: readonly number[]): void {
    const groups = this.optimizer.paramGroups;
    const checked = groups.map(({ initialLr, lr }, i) => withoutRounding(rates[i]!, initialLr ?? lr));
    const wrong = checked.findIndex((rate) => !notNegative.holds(rate));
    if (wrong >= 0) {
      throw new ArgumentError(
        `the learning rate of group ${wrong} would be ${show(checked[wrong])} at epoch ${this.lastEpoch}`,
        {
          where: this.name,
          hint: 'check the factors, what lrLambda returns, and the lr of the group',
        },
      );
    }
    groups.forEach((group, i) => {
      group.lr = checked[i]!;
    });
  }

  /** An option that is given for all groups, or one for each of those that there are now. */
  protected perGroup<Value>(option: string, value: Value | readonly Value[]): Value[] {
    const groups = this.optimizer.paramGroups.length;
    if (!Array.isArray(value)) return new Array<Value>(groups).fill(value as Value);
    if (value.length !== groups) {
      throw new ArgumentError(`${value.length} values of ${option} for ${groups} parameter groups`, {
        where: this.name,
        hint: 'give one value for all groups, or make the scheduler after addParamGroup',
      });
    }
    return [...value] as Value[];
  }

  /** A whole number of the state. @throws {CheckpointError} when it is something else */
  protected readCount(state: SchedulerState, key: string): number {
    const value = state[key];
    if (!Number.isInteger(value) || (value as number) < 0)
      throw this.misfit(`${key} must be a whole number ≥ 0, not ${show(value)}`);
    return value as number;
  }

  /**
   * Learning rates of the state: one for each group, or for the first groups if `fewer` are allowed.
   *
   * @throws {CheckpointError} when it is something else
   */
  protected readRates(state: SchedulerState, key: string, fewer = false): number[] {
    const groups = this.optimizer.paramGroups;
    const value = state[key];
    if (!Array.isArray(value) || (fewer ? value.length > groups.length : value.length !== groups.length)) {
      throw this.misfit(`${key} must be ${groups.length} numbers, one for each parameter group, not ${show(value)}`);
    }
    return value.map((given: unknown, i) => {
      const rate = withoutRounding(given, groups[i]!.initialLr ?? groups[i]!.lr);
      if (!notNegative.holds(rate)) throw this.misfit(`${key} must be finite numbers ≥ 0, not ${show(value)}`);
      return rate as number;
    });
  }

  /** The error of a state that does not fit. */
  protected misfit(problem: string): CheckpointError {
    return new CheckpointError(problem, {
      where: `${this.name}.loadStateDict`,
      hint: 'build the same scheduler over the same optimizer as the one that was saved',
    });
  }
}
