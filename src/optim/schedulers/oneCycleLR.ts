import {
  either,
  flag,
  fraction,
  listOf,
  notNegative,
  oneOf,
  optional,
  positive,
  positiveCount,
  type Rules,
  readOptions,
} from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { cosPi } from '../math.js';
import type { Optimizer, ParamGroup } from '../optimizer.js';
import { copied } from '../state.js';
import { CycleLR } from './cycleLR.js';
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
  maxLr: either(notNegative, listOf(notNegative)),
  totalSteps: optional(positiveCount),
  epochs: optional(positiveCount),
  stepsPerEpoch: optional(positiveCount),
  pctStart: fraction,
  annealStrategy: oneOf('cos', 'linear'),
  cycleMomentum: flag,
  baseMomentum: either(fraction, listOf(fraction)),
  maxMomentum: either(fraction, listOf(fraction)),
  divFactor: positive,
  finalDivFactor: positive,
  threePhase: flag,
};

const DEFAULTS = {
  pctStart: 0.3,
  annealStrategy: 'cos',
  cycleMomentum: true,
  baseMomentum: 0.85,
  maxMomentum: 0.95,
  divFactor: 25,
  finalDivFactor: 1e4,
  threePhase: false,
} as const satisfies Partial<OneCycleLROptions>;

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
 * The cycle is over after totalSteps − 1 steps; one more is allowed, as a loop over all batches makes it. PyTorch goes
 * on along the curve there: so does 'cos'; 'linear', which would fall below 0, stays at the last rate and momentum.
 *
 * @throws {ArgumentError} when an option is outside its range, the number of steps is not given, momentum is to be
 *   cycled
 *   where the optimizer has none or may not have that of the cycle, and by `step()` after the last step of the cycle
 * @see torch.optim.lr_scheduler.OneCycleLR; Smith and Topin, arXiv 1708.07120
 */
export class OneCycleLR extends CycleLR {
  readonly #options: OneCycleLROptions & Required<Pick<OneCycleLROptions, keyof typeof DEFAULTS>>;
  readonly #totalSteps: number;
  readonly #phases: readonly Phase[];
  readonly #anneal: (start: number, end: number, share: number) => number;

  constructor(optimizer: Optimizer, given: OneCycleLROptions) {
    super('OneCycleLR', optimizer, '{ maxLr: 0.1, totalSteps: 1000 }');
    const options = readOptions(this.name, given, RULES, DEFAULTS);
    const { pctStart, epochs, stepsPerEpoch } = options;
    if (options.totalSteps === undefined && (epochs === undefined || stepsPerEpoch === undefined)) {
      throw new ArgumentError('the length of the cycle is not given', {
        where: this.name,
        hint: 'pass totalSteps, or epochs and stepsPerEpoch',
      });
    }
    this.#options = { ...options, maxLr: copied(options.maxLr) };
    this.#totalSteps = options.totalSteps ?? epochs! * stepsPerEpoch!;
    this.#anneal = options.annealStrategy === 'cos' ? annealCosine : annealLinear;
    this.#phases = phasesOf(this.#totalSteps, pctStart, options.threePhase);
    this.beginCycle(options);
  }

  /** Moves on by one batch. @throws {ArgumentError} after the last step of the cycle, and as {@link Scheduler.step} */
  override step(): void {
    if (this.lastEpoch >= this.#totalSteps) {
      throw new ArgumentError(`step ${this.lastEpoch + 1} of a cycle of ${this.#totalSteps} steps`, {
        where: this.name,
        hint: 'totalSteps is the number of batches in the whole training',
      });
    }
    super.step();
  }

  protected override baseLr(_group: ParamGroup, i: number): number {
    return this.#lrs().first[i]!;
  }

  protected override cycleRates(): number[] {
    const marks = this.#lrs();
    const {
      phase: {
        lr: [from, to],
      },
      share,
    } = this.#place();
    return marks[from].map((start, i) => this.#anneal(start, marks[to][i]!, share));
  }

  protected override momentum(base: number, max: number): number {
    const {
      phase: {
        momentum: [from, to],
      },
      share,
    } = this.#place();
    const marks = { base, max };
    return this.#anneal(marks[from], marks[to], share);
  }

  protected override readMore(state: SchedulerState): () => void {
    const take = super.readMore(state);
    const lastEpoch = this.readCount(state, 'last_epoch');
    if (lastEpoch > this.#totalSteps) {
      throw this.misfit(`the state is at step ${lastEpoch} of a cycle of ${this.#totalSteps} steps`);
    }
    return take;
  }

  /** The rates between which the cycle moves, of each group. */
  #lrs(): Record<'first' | 'max' | 'last', number[]> {
    const { maxLr, divFactor, finalDivFactor } = this.#options;
    const max = this.perGroup('maxLr', maxLr);
    const first = max.map((lr) => lr / divFactor);
    return { first, max, last: first.map((lr) => lr / finalDivFactor) };
  }

  /** The phase that step `lastEpoch` is in, and how much of it has passed. */
  #place(): { phase: Phase; share: number } {
    let start = 0;
    for (const phase of this.#phases) {
      if (this.lastEpoch <= phase.end || phase === this.#phases.at(-1)) {
        // A phase may be as short as one point: then it is over.
        return { phase, share: phase.end > start ? (this.lastEpoch - start) / (phase.end - start) : 1 };
      }
      start = phase.end;
    }
    throw new Error('a cycle has phases');
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
  return end + ((start - end) / 2) * (cosPi(share) + 1);
}

/** Not past `end`: that may be below 0, or a momentum of 1 and more. */
function annealLinear(start: number, end: number, share: number): number {
  return share >= 1 ? end : (end - start) * share + start;
}
