import {
  callable,
  either,
  flag,
  fraction,
  listOf,
  notNegative,
  oneOf,
  optional,
  positiveCount,
  type Rules,
  readOptions,
} from '../../runtime/arguments.js';
import { power } from '../math.js';
import type { Optimizer, ParamGroup } from '../optimizer.js';
import { copied } from '../state.js';
import { CycleLR, type MomentumOptions } from './cycleLR.js';

/** Between what the rate moves, how fast, and how much less in each cycle. */
export interface CyclicLROptions extends MomentumOptions {
  /** The lowest learning rate, of all groups or of each. */
  readonly baseLr: number | readonly number[];
  /** The highest, of the first cycle; of all groups or of each. */
  readonly maxLr: number | readonly number[];
  /** Steps in which the rate rises. Default: 2000. */
  readonly stepSizeUp?: number;
  /** Steps in which it falls. Default: as many. */
  readonly stepSizeDown?: number;
  /** Cycles of one height, each half of the one before, or lower by `gamma` each step. Default: 'triangular'. */
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** What the height is multiplied by each step, with 'exp_range'. Default: 1. */
  readonly gamma?: number;
  /** The factor of the height, in place of `mode`: a function of the cycle from 1, or of the step from 0. */
  readonly scaleFn?: (x: number) => number;
  /** What `scaleFn` takes. Default: 'cycle'. */
  readonly scaleMode?: 'cycle' | 'iterations';
  /** The lowest momentum, of all groups or of each. Default: 0.8. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, of all groups or of each. Default: 0.9. */
  readonly maxMomentum?: number | readonly number[];
}

const rates = either(notNegative, listOf(notNegative));
const momenta = either(fraction, listOf(fraction));
const RULES: Rules<CyclicLROptions> = {
  baseLr: rates,
  maxLr: rates,
  stepSizeUp: positiveCount,
  stepSizeDown: optional(positiveCount),
  mode: oneOf('triangular', 'triangular2', 'exp_range'),
  gamma: fraction,
  scaleFn: optional(callable),
  scaleMode: oneOf('cycle', 'iterations'),
  cycleMomentum: flag,
  baseMomentum: momenta,
  maxMomentum: momenta,
};

const DEFAULTS = {
  stepSizeUp: 2000,
  mode: 'triangular',
  gamma: 1,
  scaleMode: 'cycle',
  cycleMomentum: true,
  baseMomentum: 0.8,
  maxMomentum: 0.9,
} as const satisfies Partial<CyclicLROptions>;

/**
 * Moves the learning rates up and down in straight lines; the momentum goes the other way. To be stepped after every
 * batch, as `fit` does.
 *
 * lr = baseLr + (maxLr − baseLr)·height·scale, the height going from 0 to 1 in `stepSizeUp` steps and back in
 * `stepSizeDown`; scale: 1 ('triangular'), ½ᶜ in cycle c = 0, 1, … ('triangular2'), gammaˢᵗᵉᵖ ('exp_range')
 *
 * @throws {ArgumentError} when an option is outside its range, or momentum is to be cycled where the optimizer has none
 *   or may not have that of the cycle
 * @see torch.optim.lr_scheduler.CyclicLR; Smith, arXiv 1506.01186
 * @example new optim.CyclicLR(optimizer, { baseLr: 0.001, maxLr: 0.1, stepSizeUp: 200, cycleMomentum: false });
 */
export class CyclicLR extends CycleLR {
  readonly #options: CyclicLROptions & Required<Pick<CyclicLROptions, keyof typeof DEFAULTS>>;

  constructor(optimizer: Optimizer, given: CyclicLROptions) {
    super('CyclicLR', optimizer, '{ baseLr: 0.001, maxLr: 0.1 }');
    const options = readOptions(this.name, given, RULES, DEFAULTS);
    this.#options = { ...options, baseLr: copied(options.baseLr), maxLr: copied(options.maxLr) };
    this.beginCycle(options);
  }

  protected override baseLr(_group: ParamGroup, i: number): number {
    return this.perGroup('baseLr', this.#options.baseLr)[i]!;
  }

  protected override cycleRates(): number[] {
    const height = this.#height();
    const max = this.perGroup('maxLr', this.#options.maxLr);
    return this.perGroup('baseLr', this.#options.baseLr).map((base, i) => base + (max[i]! - base) * height);
  }

  protected override momentum(base: number, max: number): number {
    return max - (max - base) * this.#height();
  }

  /** From 0 to 1, scaled. */
  #height(): number {
    const { stepSizeUp: up, stepSizeDown: down = up, mode, gamma, scaleFn, scaleMode } = this.#options;
    const step = this.lastEpoch;
    const cycle = Math.floor(step / (up + down));
    const place = step - cycle * (up + down);
    const height = place <= up ? place / up : (up + down - place) / down;
    if (scaleFn !== undefined) return height * scaleFn(scaleMode === 'cycle' ? cycle + 1 : step);
    if (mode === 'exp_range') return height * power(gamma, step);
    return mode === 'triangular2' ? height * power(0.5, cycle) : height;
  }
}
