import { ArgumentError } from '../../runtime/errors.js';
import type { ParamGroup } from '../optimizer.js';
import { copied } from '../state.js';
import { RateScheduler } from './rateScheduler.js';
import type { SchedulerState } from './scheduler.js';

/** What a group cycles besides the rate, where it has it. */
interface Moving {
  momentum?: number;
  betas?: readonly [number, number];
}

/** How the momentum moves. */
export interface MomentumOptions {
  /** Let the momentum (of Adam: the first beta) fall while the rate rises, and the other way round. Default: true. */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, of all groups or of each. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, of all groups or of each. */
  readonly maxMomentum?: number | readonly number[];
}

/** The base of schedulers that move rate and momentum with each step, so that `fit` steps them after each batch. */
export abstract class CycleLR extends RateScheduler {
  #given: Required<MomentumOptions> | undefined;

  /** The momentum of step `lastEpoch`, between the lowest and the highest. */
  protected abstract momentum(base: number, max: number): number;

  /**
   * Begins the cycle: what a constructor ends with.
   *
   * @throws {ArgumentError} where the optimizer has no momentum to cycle, or may not have that of the cycle
   */
  protected beginCycle({ cycleMomentum, baseMomentum, maxMomentum }: Required<MomentumOptions>): void {
    this.#given = { cycleMomentum, baseMomentum: copied(baseMomentum), maxMomentum: copied(maxMomentum) };
    const marks = this.#momenta();
    const { optimizer } = this;
    if (marks !== null) {
      optimizer.paramGroups.forEach((group: ParamGroup & Moving, i) => {
        if (group.betas === undefined && group.momentum === undefined) {
          throw new ArgumentError(`${optimizer.name} has no momentum to cycle`, {
            where: this.name,
            hint: 'pass { cycleMomentum: false }',
          });
        }
        for (const mark of [marks.base[i]!, marks.max[i]!]) {
          optimizer.checkChange(group, momentumOf(group, mark), `${this.name} of ${optimizer.name}`);
        }
      });
    }
    this.begin();
  }

  /** The learning rates of step `lastEpoch`. */
  protected abstract cycleRates(): readonly number[];

  protected override rates(): readonly number[] {
    this.#momenta(); // Throws, where a group has none, before any rate is set.
    return this.cycleRates();
  }

  protected override initialRates(): readonly number[] {
    return this.rates();
  }

  /** Sets the momenta of step `lastEpoch` too. */
  protected override setRates(rates: readonly number[]): void {
    super.setRates(rates);
    const marks = this.#momenta();
    if (marks === null) return;
    // Of those that were taken in: one that joined since the last step waits for the next, as its rate does.
    this.optimizer.paramGroups.slice(0, this.baseLrs.length).forEach((group, i) => {
      Object.assign(group, momentumOf(group, this.momentum(marks.base[i]!, marks.max[i]!)));
    });
  }

  protected override readMore(state: SchedulerState): () => void {
    this.rates(); // Throws, where a group has none.
    return super.readMore(state);
  }

  /** The momenta between which it moves, of each group; null: they stay as they are. */
  #momenta(): Record<'base' | 'max', number[]> | null {
    const { cycleMomentum, baseMomentum, maxMomentum } = this.#given!;
    if (!cycleMomentum) return null;
    return { base: this.perGroup('baseMomentum', baseMomentum), max: this.perGroup('maxMomentum', maxMomentum) };
  }
}

/** `momentum` as the option that the optimizer of the group has it in. */
function momentumOf(group: ParamGroup & Moving, momentum: number): Moving {
  return group.betas === undefined ? { momentum } : { betas: [momentum, group.betas[1]] };
}
