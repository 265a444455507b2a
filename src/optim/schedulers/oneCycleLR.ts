import { ArgumentError } from '../../runtime/errors.js';
import { cosPi } from '../math.js';
import type { Optimizer, ParamGroup } from '../optimizer.js';
import { checkOptions, either, flag, fraction, listOf, notNegative, oneOf, optional, positive, positiveCount, type Rules } from '../rules.js';
import { RateScheduler } from './rateScheduler.js';
import type { SchedulerState } from './scheduler.js';

/** How high the rate rises, when, and how long the cycle is. */
export interface OneCycleLROptions {
  /** The highest learning rate, of all groups or of each. */
  readonly maxLr: number | readonly number[];
  /** Steps of the cycle; or give `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Share of the cycle in which the rate rises. Default: 0.3. */
  readonly pctStart?: number;
  /** Along half a cosine, or straight. Default: 'cos'. */
  readonly annealStrategy?: 'cos' | 'linear';
  /** Let the momentum (of Adam: the first beta) fall while the rate rises, and the other way round. Default: true. */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, of all groups or of each. Default: 0.85. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, of all groups or of each. Default: 0.95. */
  readonly maxMomentum?: number | readonly number[];
  /** The first rate is maxLr / divFactor. Default: 25. */
  readonly divFactor?: number;
  /** The last rate is the first / finalDivFactor. Default: 10,000. */
  readonly finalDivFactor?: number;
  /** Fall as long as the rate rose, back to the first rate, and only then towards the last. Default: false. */
  readonly threePhase?: boolean;
}

const RULES: Rules<OneCycleLROptions> = {
  maxLr: either(notNegative, listOf(notNegative)), totalSteps: optional(positiveCount), epochs: optional(positiveCount), stepsPerEpoch: optional(positiveCount),
  pctStart: fraction, annealStrategy: oneOf('cos', 'linear'), cycleMomentum: flag, baseMomentum: either(fraction, listOf(fraction)),
  maxMomentum: either(fraction, listOf(fraction)), divFactor: positive, finalDivFactor: positive, threePhase: flag,
};

const DEFAULTS = {
  pctStart: 0.3, annealStrategy: 'cos', cycleMomentum: true, baseMomentum: 0.85, maxMomentum: 0.95, divFactor: 25, finalDivFactor: 1e4, threePhase: false,
} as const;

/** What a group cycles besides the rate, where it has it. */
interface Moving { momentum?: number; betas?: readonly [number, number] }

/** A part of the cycle: until step `end`, from one of the marks of each group to another. */
interface Phase {
  readonly end: number;
  readonly lr: readonly ['first' | 'max' | 'last', 'first' | 'max' | 'last'];
  readonly momentum: readonly ['base' | 'max', 'base' | 'max'];
}

/**
 * One cycle for the whole training: the learning rates rise from maxLr / divFactor to maxLr and fall to nearly nothing;
 * the momentum goes the other way. To be stepped after every batch.
 *
 * @throws {ArgumentError} when an option is outside its range, the number of steps is not given, momentum is to be cycled
 *   where the optimizer has none, and by `step()` after the last step of the cycle
 * @see torch.optim.lr_scheduler.OneCycleLR; Smith and Topin, arXiv 1708.07120
 */
export class OneCycleLR extends RateScheduler {
  readonly #totalSteps: number;
  readonly #phases: readonly Phase[];
  readonly #anneal: (start: number, end: number, share: number) => number;
  readonly #lr: Record<'first' | 'max' | 'last', number[]>;
  /** Null: momentum stays as it is. */
  readonly #momentum: Record<'base' | 'max', number[]> | null;

  constructor(optimizer: Optimizer, given: OneCycleLROptions) {
    super('OneCycleLR', optimizer);
    const options = { ...DEFAULTS, ...given };
    checkOptions(this.name, options, RULES);
    const { pctStart, divFactor, finalDivFactor, epochs, stepsPerEpoch } = options;
    if (options.totalSteps === undefined && (epochs === undefined || stepsPerEpoch === undefined)) {
      throw new ArgumentError('the length of the cycle is not given', { where: this.name, hint: 'pass totalSteps, or epochs and stepsPerEpoch' });
    }
    this.#totalSteps = options.totalSteps ?? epochs! * stepsPerEpoch!;
    this.#anneal = options.annealStrategy === 'cos' ? annealCosine : annealLinear;
    this.#phases = phasesOf(this.#totalSteps, pctStart, options.threePhase);
    const max = this.perGroup('maxLr', options.maxLr);
    const first = max.map((lr) => lr / divFactor);
    this.#lr = { first, max, last: first.map((lr) => lr / finalDivFactor) };
    this.#momentum = null;
    if (options.cycleMomentum) {
      if (!optimizer.paramGroups.every((group) => 'betas' in group || 'momentum' in group)) {
        throw new ArgumentError(`${optimizer.name} has no momentum to cycle`, { where: this.name, hint: 'pass { cycleMomentum: false }' });
      }
      this.#momentum = { base: this.perGroup('baseMomentum', options.baseMomentum), max: this.perGroup('maxMomentum', options.maxMomentum) };
    }
    optimizer.paramGroups.forEach((group, i) => { group.initialLr = first[i]!; });
    this.baseLrs = first;
    this.begin();
  }

  /** Moves on by one batch. @throws {ArgumentError} after the last step of the cycle */
  override step(): void {
    if (this.lastEpoch >= this.#totalSteps) {
      throw new ArgumentError(`step ${this.lastEpoch + 1} of a cycle of ${this.#totalSteps} steps`, { where: this.name, hint: 'totalSteps is the number of batches in the whole training' });
    }
    super.step();
  }

  protected override rates(): number[] {
    const { phase: { lr: [from, to] }, share } = this.#place();
    this.#moveMomentum();
    return this.#lr[from].map((start, i) => this.#anneal(start, this.#lr[to][i]!, share));
  }

  protected override initialRates(): number[] {
    return this.rates();
  }

  /** Sets the momenta of the step that it goes on from. */
  protected override loadMore(state: SchedulerState): void {
    super.loadMore(state);
    const before = this.lastEpoch;
    this.lastEpoch = this.readCount(state, 'last_epoch');
    if (this.lastEpoch > this.#totalSteps) {
      this.lastEpoch = before;
      throw this.misfit(`the state is at step ${state['last_epoch']} of a cycle of ${this.#totalSteps} steps`);
    }
    this.#moveMomentum();
  }

  /** The phase that step `lastEpoch` is in, and how much of it has passed. */
  #place(): { phase: Phase; share: number } {
    let start = 0;
    for (const phase of this.#phases) {
      // A phase may be as short as one point: then it is over.
      if (this.lastEpoch <= phase.end || phase === this.#phases.at(-1)) return { phase, share: phase.end > start ? (this.lastEpoch - start) / (phase.end - start) : 1 };
      start = phase.end;
    }
    throw new Error('a cycle has phases');
  }

  #moveMomentum(): void {
    const marks = this.#momentum;
    if (marks === null) return;
    const { phase: { momentum: [from, to] }, share } = this.#place();
    this.optimizer.paramGroups.forEach((group: ParamGroup & Moving, i) => {
      const momentum = this.#anneal(marks[from][i]!, marks[to][i]!, share);
      if (group.betas !== undefined) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    });
  }
}

function phasesOf(totalSteps: number, pctStart: number, threePhase: boolean): Phase[] {
  const rise: Phase = { end: pctStart * totalSteps - 1, lr: ['first', 'max'], momentum: ['max', 'base'] };
  if (!threePhase) return [rise, { end: totalSteps - 1, lr: ['max', 'last'], momentum: ['base', 'max'] }];
  return [
    rise,
    { end: 2 * pctStart * totalSteps - 2, lr: ['max', 'first'], momentum: ['base', 'max'] },
    { end: totalSteps - 1, lr: ['first', 'last'], momentum: ['max', 'max'] },
  ];
}

function annealCosine(start: number, end: number, share: number): number {
  return end + (start - end) / 2 * (cosPi(share) + 1);
}

function annealLinear(start: number, end: number, share: number): number {
  return (end - start) * share + start;
}
