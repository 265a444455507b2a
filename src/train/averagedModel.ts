import type { Module } from '../nn/core/module.js';
import { type LoadableState, loadState, type StateDict } from '../nn/core/state.js';
import { moveTowards } from '../optim/average.js';
import { checkArguments, decay as decayRule, refusal } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { tensor, zerosLike } from '../tensor/create.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { isThenable } from './batches.js';

/** How the weights are averaged. */
export interface AveragedModelOptions {
  /** What an exponential average (EMA) keeps an update, in [0, 1). Without: the mean of all updates, as SWA has it. */
  readonly decay?: number;
  /** Average float32 buffers too, such as running statistics. Default: false, they stay those of the model. */
  readonly useBuffers?: boolean;
}

/**
 * Averages of the weights of a model over its training: of all equally (stochastic weight averaging), or with `decay`
 * exponentially (EMA). The model itself trains on, untouched.
 *
 *   first update:  a = w
 *   later, mean:   a += (w − a) / (n + 1), n the updates before
 *   with decay:    a += (1 − decay)·(w − a)
 *
 * After a mean of weights, the running statistics of batch norm are those of other weights: see {@link updateBn}.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.swa_utils.AveragedModel; Izmailov et al., arXiv 1803.05407
 * @example
 * const ema = new AveragedModel(model, { decay: 0.99 });
 * await fit(model, { optimizer, loader, epochs: 1, onBatch: () => ema.updateParameters() });
 * const { accuracy } = await ema.swapped(() => evaluate(model, testLoader)); // with the averages
 * ema.copyTo(model); // for good
 */
export class AveragedModel {
  /** Updates so far. */
  nAveraged = 0;
  readonly #decay: number | undefined;
  /** The average of each tensor of the model that has one. */
  readonly #averages = new Map<Tensor, Tensor>();
  #inModel = false;

  constructor(
    readonly model: Module,
    options: AveragedModelOptions = {},
  ) {
    const name = 'AveragedModel';
    checkArguments(`new ${name}(model, { decay: 0.99, useBuffers: false })`, model, options);
    const { decay, useBuffers = false } = options;
    if (decay !== undefined && !decayRule.holds(decay)) throw refusal(name, 'decay', decayRule.expected, decay);
    this.#decay = decay;
    const buffers = useBuffers ? model.buffers().filter(({ dtype }) => dtype === 'float32') : [];
    for (const own of [...model.parameters(), ...buffers]) this.#averages.set(own, zerosLike(own).keep().assign(own));
  }

  /** Takes the present weights of the model into the averages: to be called after `optimizer.step()`, or an epoch. */
  updateParameters(): void {
    this.#checkOut('updateParameters');
    const mean = 1 / (this.nAveraged + 1);
    const share = this.nAveraged === 0 || this.#decay === undefined ? mean : 1 - this.#decay;
    for (const [own, average] of this.#averages) {
      if (share === 1) average.assign(own);
      else moveTowards(average, own, share);
    }
    this.nAveraged++;
  }

  /** Gives a model of the same layers the averages, and the buffers that are not averaged. */
  copyTo(model: Module): void {
    checkArguments('averaged.copyTo(model)', model);
    this.#checkOut('copyTo');
    model.loadStateDict(this.#state());
  }

  /**
   * Runs `use` with the averages in the model, and then puts its own weights back: also where `use` throws, and once a
   * promise that it returns is settled.
   */
  swapped<Result>(use: () => Result): Result {
    checkArguments('averaged.swapped(use=() => evaluate(model, loader))', use);
    this.#checkOut('swapped');
    this.#swap();
    let result: Result;
    try {
      result = use();
    } catch (error) {
      this.#swap();
      throw error;
    }
    if (isThenable(result)) return Promise.resolve(result).finally(() => this.#swap()) as Result;
    this.#swap();
    return result;
  }

  /** `n_averaged`, and the state dict of the averaged model under `module.`, as PyTorch has it. */
  stateDict(): StateDict {
    const state: StateDict = { n_averaged: tensor(this.nAveraged, { dtype: 'int32' }) };
    for (const [key, value] of Object.entries(this.#state())) state[`module.${key}`] = value;
    return state;
  }

  /**
   * Goes on from what `stateDict()` gave; buffers that are not averaged stay those of the model.
   *
   * @throws {CheckpointError} when it is of another model
   */
  loadStateDict(given: LoadableState): void {
    this.#checkOut('loadStateDict');
    const averages = new Set(this.#averages.values());
    scope(() => {
      const { n_averaged: count, ...own } = this.stateDict();
      for (const key in own) if (!averages.has(own[key]!)) own[key] = zerosLike(own[key]!);
      loadState('AveragedModel', { n_averaged: count!, ...own }, given, {});
      this.nAveraged = count!.item();
    });
  }

  /** Frees the averages; the model stays. */
  dispose(): void {
    for (const average of this.#averages.values()) average.dispose();
  }

  #state(): StateDict {
    const entries = Object.entries(this.model.stateDict());
    return Object.fromEntries(entries.map(([key, own]) => [key, this.#averages.get(own) ?? own]));
  }

  #swap(): void {
    this.#inModel = !this.#inModel;
    for (const [own, average] of this.#averages) {
      const values = own.data();
      own.assign(average);
      average.assign(values);
    }
  }

  #checkOut(method: string): void {
    if (!this.#inModel) return;
    throw new ArgumentError('the averages are in the model at present', {
      where: `AveragedModel.${method}`,
      hint: 'wait for what swapped() returns',
    });
  }
}
