/** The training loop. */

import type { Module } from '../nn/core/module.js';
import { clipGradNorm, type SchedulerState } from '../optim/index.js';
import { CycleLR } from '../optim/schedulers/cycleLR.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, CheckpointError, NonFiniteError } from '../runtime/errors.js';
import { generatorState, setGeneratorState } from '../runtime/generator.js';
import { runtimeInfo } from '../runtime/runtime.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { after, classLoss, forEachBatch, type Gate, type LossFunction } from './batches.js';
import { BestEpoch, bestTestAccuracy, epochsWithoutGain, isBest } from './best.js';
import { BufferCopies } from './buffers.js';
import {
  type Checkpoint,
  checkSettings,
  decodeRunState,
  type EpochMetrics,
  encodeRunState,
  encodeWeights,
  type Progress,
} from './checkpoint.js';
import { gateOf } from './control.js';
import type { FailedBatch } from './culprit.js';
import { type Evaluation, evaluate } from './evaluate.js';
import { measureBy } from './namedMetrics.js';
import { checkFinite, explain, firstNonFinite, layerOf, NotFinite } from './nonFinite.js';
import { DEFAULT_EPOCHS, type FitOptions, type FitResult } from './options.js';
import { checkLastBatch, runModel } from './rehearsal.js';
import { metricsOf, NO_TOTALS, withBatch, withSeconds } from './totals.js';
import { warnOfActivation } from './warn.js';

/**
 * Trains a model: for each batch zeroGrad, forward, loss, backward, step; after each epoch an evaluation, a checkpoint,
 * the callbacks. Tensors of a batch are freed as the next one comes.
 *
 * @throws {NonFiniteError} when a loss or a weight is NaN or infinite: with the step, the layer and advice
 * @throws {CheckpointError} when the checkpoint found is of another model, optimizer, scheduler, loader or settings
 * @example
 * const { history } = await fit(model, {
 *   optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }), loader, testLoader, epochs: 5,
 *   onEpoch: ({ epoch, testAccuracy }) => console.log(epoch, testAccuracy),
 * });
 */
export async function fit(model: Module, options: FitOptions): Promise<FitResult> {
  return new Run(model, options).toEnd();
}

const CALL =
  'fit(model, { optimizer!: optimizer, loader!: loader, epochs: 5|0|Infinity, steps: 100|0|Infinity, ' +
  'testLoader: loader, lossFn: (output, target) => loss, metrics: ["mae"|(output, target) => loss]|settings, ' +
  'scheduler: scheduler, signal: signal, control: any, ' +
  "clipGradNorm: 1.0, schedulerEvery: 'step'|'epoch', onBatch: () => 0, onEpoch: () => 0, restoreBest: true, " +
  'allowNonFinite: true, ' +
  "earlyStopping: { patience!: 3|0, monitor: 'testLoss'|'testAccuracy'|'trainLoss'|'trainAccuracy', minDelta: 0.0 }, " +
  'checkpoints: any, checkpointEvery: { steps: 100|Infinity, seconds: 60.0 }, settings: any, metadata: any })';

class Run {
  readonly #model: Module;
  readonly #options: FitOptions;
  readonly #lossFn: LossFunction;
  readonly #epochs: number;
  readonly #steps: number;
  readonly #stepsScheduler: 'step' | 'epoch';
  readonly #parameters: readonly Tensor[];
  /** As they were before the batch at hand. */
  readonly #buffers: BufferCopies;
  /** With `restoreBest`. */
  readonly #best: BestEpoch | undefined;

  #step = 0;
  /** Complete epochs. */
  #epoch = 0;
  /** Batches done in the epoch at hand. */
  #batch = 0;
  #totals = NO_TOTALS;
  #history: EpochMetrics[] = [];
  /** Of the run, up to `#since`. */
  #seconds = 0;
  #since = performance.now();
  /** Since when the batch at hand takes. */
  #batchSince = 0;
  /** Step and time of the last checkpoint, and whether this process saved it. */
  #saved = { step: -1, at: performance.now(), here: false };
  readonly #gate: Gate | undefined;
  /** Whether a look was taken at what the model ends in. */
  #warned = false;

  constructor(model: Module, options: FitOptions) {
    checkArguments(CALL, model, options);
    const { loader, epochs, steps, lossFn = classLoss('fit'), scheduler, control } = options;
    if (loader.length === 0)
      throw new ArgumentError('the loader has no batches', {
        where: 'fit',
        hint: 'is the data set empty, or smaller than a batch that dropLast drops?',
      });
    if (options.metrics !== undefined) measureBy(options.metrics, 'fit');
    this.#model = model;
    this.#options = options;
    this.#lossFn = lossFn;
    this.#epochs = epochs ?? (steps === undefined ? DEFAULT_EPOCHS : Infinity);
    this.#steps = steps ?? Infinity;
    this.#parameters = model.parameters();
    const own = new Set(this.#parameters);
    if (own.size > 0 && !options.optimizer.paramGroups.some(({ params }) => params.some((param) => own.has(param))))
      throw new ArgumentError('the optimizer has none of the parameters of the model', {
        where: 'fit',
        hint: 'make it for this model: new optim.SGD(model.parameters(), { lr: 0.1 })',
      });
    this.#buffers = new BufferCopies(model);
    if (options.restoreBest === true) this.#best = new BestEpoch(model, options.earlyStopping);
    this.#stepsScheduler = options.schedulerEvery ?? (scheduler instanceof CycleLR ? 'step' : 'epoch');
    // No time passes for the clocks of the run while it waits.
    this.#gate =
      control &&
      gateOf(control, (waited) => {
        this.#since += waited;
        this.#batchSince += waited;
      });
  }

  async toEnd(): Promise<FitResult> {
    const { control } = this.#options;
    control?.begin();
    try {
      return await this.#run();
    } finally {
      control?.end();
    }
  }

  async #run(): Promise<FitResult> {
    const { loader } = this.#options;
    const fresh = await this.#restore();
    let ended = this.#reasonToEnd();
    const place = { step: this.#step, epoch: this.#epoch, batch: this.#batch };
    if (ended === null) checkLastBatch(this.#model, { ...this.#options, epochs: this.#epochs }, place);
    if (fresh) await this.#save(false);
    this.#model.train();
    while (ended === null) {
      await (this.#batch < loader.length ? this.#trainBatches() : this.#finishEpoch());
      ended = this.#reasonToEnd();
    }
    // A checkpoint that was restored is saved once more: a kill may have come before its weights had been written.
    if (this.#saved.step !== this.#step || !this.#saved.here) await this.#save(false);
    const restoredEpoch = ended === 'aborted' ? null : await this.#restoreBest();
    const [history, seconds] = [this.#history, this.#elapsed()];
    return { history, steps: this.#step, seconds, ended, bestTestAccuracy: bestTestAccuracy(history), restoredEpoch };
  }

  #reasonToEnd(): FitResult['ended'] | null {
    const { earlyStopping, loader } = this.#options;
    if (this.#aborted) return 'aborted';
    if (this.#batch === loader.length) return null; // The epoch is yet to be evaluated.
    if (this.#step >= this.#steps) return 'steps';
    if (this.#epoch >= this.#epochs) return 'epochs';
    return earlyStopping !== undefined && epochsWithoutGain(this.#history, earlyStopping) >= earlyStopping.patience
      ? 'early'
      : null;
  }

  /** Trains until the epoch, the steps or the patience of the signal are at an end, or a checkpoint is due. */
  async #trainBatches(): Promise<void> {
    const { loader, control } = this.#options;
    while (this.#batch < loader.length && this.#step < this.#steps && !this.#aborted) {
      this.#batchSince = performance.now();
      await forEachBatch(
        loader,
        this.#epoch,
        this.#batch,
        (x, target) => {
          const loss = this.#update(x, target);
          control?.trained();
          this.#totals = withSeconds(this.#totals, (performance.now() - this.#batchSince) / 1000);
          return after(this.#report(loss), () => {
            this.#batchSince = performance.now();
            return this.#step < this.#steps && !this.#aborted && !this.#checkpointDue(this.#batchSince);
          });
        },
        this.#gate,
      );
      if (this.#batch < loader.length && this.#checkpointDue(performance.now())) await this.#save(false);
    }
  }

  /** One update of the weights. Returns the loss before it. */
  #update(x: Tensor, target: Tensor): number {
    const { optimizer, scheduler, clipGradNorm: norm, allowNonFinite = false } = this.#options;
    const generator = generatorState();
    let [output, value]: [Tensor, number] = [x, NaN];
    this.#buffers.take();
    try {
      optimizer.zeroGrad();
      output = runModel(this.#model, x);
      const loss = this.#lossFn(output, target);
      if (!this.#warned) this.#warned = warnOfActivation(output, loss);
      value = loss.item();
      if (!allowNonFinite) checkFinite(value, this.#buffers);
      loss.backward();
      if (norm !== undefined) clipGradNorm(this.#parameters, norm, { errorIfNonFinite: !allowNonFinite });
      optimizer.step();
    } catch (error) {
      this.#buffers.putBack();
      setGeneratorState(generator);
      const batch = { x, target, generator, loader: this.#options.loader, epoch: this.#epoch, batch: this.#batch };
      throw this.#explain(error, batch, `step ${this.#step + 1} (epoch ${this.#epoch + 1})`);
    }
    if (this.#stepsScheduler === 'step') scheduler?.step();

    this.#step++;
    this.#batch++;
    this.#totals = withBatch(this.#totals, x, output, target, value);
    return value;
  }

  /** The error to throw for one of a batch. @param when in words */
  #explain(error: unknown, batch: Omit<FailedBatch, 'model' | 'lossFn'>, when: string): unknown {
    const lr = Number(this.#options.optimizer.paramGroups[0]?.lr);
    return explain(error, { model: this.#model, lossFn: this.#lossFn, ...batch }, when, lr);
  }

  #report(loss: number): unknown {
    const {
      loader: { length: batches },
      onBatch,
    } = this.#options;
    const place = { epoch: this.#epoch + 1, batch: this.#batch, batches, step: this.#step };
    return onBatch?.({ ...place, loss, images: this.#totals.images, ...metricsOf(this.#totals) });
  }

  /** Evaluates, and moves on to the next epoch; where the signal comes in between, the epoch stays unfinished. */
  async #finishEpoch(): Promise<void> {
    const { scheduler, onEpoch } = this.#options;
    const test = await this.#evaluate();
    if (this.#aborted) return;
    const metrics: EpochMetrics = {
      epoch: this.#epoch + 1,
      ...metricsOf(this.#totals),
      testLoss: test?.loss ?? null,
      testAccuracy: test?.accuracy ?? null,
      ...(test?.metrics && { testMetrics: test.metrics }),
      seconds: this.#totals.seconds,
    };
    if (this.#stepsScheduler === 'epoch') scheduler?.step(metrics.testLoss ?? metrics.trainLoss);
    this.#history.push(metrics);
    this.#epoch++;
    this.#batch = 0;
    this.#totals = NO_TOTALS;
    this.#best?.see(this.#history);
    await this.#save(isBest(this.#history));
    await onEpoch?.(metrics);
  }

  async #evaluate(): Promise<Evaluation | null> {
    const { testLoader, metrics, signal, allowNonFinite = false } = this.#options;
    if (testLoader === undefined) return null;
    const generator = generatorState();
    let batch = 0;
    try {
      return await evaluate(this.#model, testLoader, {
        lossFn: this.#lossFn,
        ...(metrics !== undefined && { metrics }),
        ...(signal !== undefined && { signal }),
        ...(this.#gate !== undefined && { gate: this.#gate }),
        onBatch: ({ x, target, loss }) => {
          const index = batch++;
          if (Number.isFinite(loss) || allowNonFinite) return;
          const when = `the evaluation after step ${this.#step} (epoch ${this.#epoch + 1})`;
          const failed = { x, target, generator, loader: testLoader, epoch: 0, batch: index };
          throw this.#explain(new NotFinite(loss), failed, when);
        },
      });
    } catch (error) {
      if (this.#aborted && (error === signal?.reason || (error as Error).name === 'AbortError')) return null;
      throw error;
    }
  }

  get #aborted(): boolean {
    const { signal, control } = this.#options;
    return signal?.aborted === true || control?.stopped === true;
  }

  #elapsed(): number {
    return this.#seconds + (performance.now() - this.#since) / 1000;
  }

  // ---- Checkpoints ----

  #checkpointDue(now: number): boolean {
    const { checkpoints, checkpointEvery = { seconds: 60 } } = this.#options;
    if (checkpoints === undefined) return false;
    const { steps = Infinity, seconds = Infinity } = checkpointEvery;
    return this.#step - this.#saved.step >= steps || now - this.#saved.at >= 1000 * seconds;
  }

  async #save(best: boolean): Promise<void> {
    const { checkpoints, allowNonFinite = false } = this.#options;
    const broken = allowNonFinite ? undefined : (firstNonFinite(this.#model) ?? this.#buffers.spoiled());
    if (broken !== undefined) {
      throw new NonFiniteError(`${broken} has NaN or infinite values after step ${this.#step}`, {
        where: 'fit',
        hint: 'lower the learning rate, or clip gradients (clipGradNorm)',
      }).inLayer(layerOf(broken));
    }
    this.#saved = { step: this.#step, at: performance.now(), here: true };
    if (checkpoints !== undefined) await checkpoints.save(this.#checkpoint(best));
  }

  #checkpoint(isBest: boolean): Checkpoint {
    const { optimizer, scheduler, settings, loader, metadata = {} } = this.#options;
    const progress: Progress = {
      step: this.#step,
      epoch: this.#epoch,
      batch: this.#batch,
      batches: loader.length,
      totals: this.#totals,
      seconds: this.#elapsed(),
      history: this.#history,
    };
    const model = this.#model.stateDict();
    const state = encodeRunState({
      model,
      optimizer: optimizer.stateDict(),
      scheduler: scheduler?.stateDict() ?? null,
      generator: generatorState(),
      progress,
      best: this.#best?.weights ?? null,
      runtime: runtimeInfo(),
      ...(settings && { settings }),
    });
    return { state, weights: encodeWeights(model, progress, metadata), isBest, progress };
  }

  /** @returns the epoch whose weights the model has now; the state stays the one from which the run can go on */
  async #restoreBest(): Promise<number | null> {
    const { checkpoints, loader, metadata = {} } = this.#options;
    const epoch = this.#best?.weights?.epoch ?? null;
    if (epoch === null || (epoch === this.#epoch && this.#batch === 0)) return epoch;
    const last = checkpoints && this.#checkpoint(false);
    this.#best?.putBack();
    if (last !== undefined) {
      const place = { ...last.progress, epoch, step: epoch * loader.length };
      await checkpoints?.save({ ...last, weights: encodeWeights(this.#model.stateDict(), place, metadata) });
    }
    return epoch;
  }

  /** Goes on from the last checkpoint. @returns whether there is a store without one */
  async #restore(): Promise<boolean> {
    const { checkpoints, optimizer, scheduler, settings, loader } = this.#options;
    const bytes = await checkpoints?.load();
    if (bytes == null) return bytes === null;
    scope(() => {
      const name = checkpoints?.name ?? 'the checkpoint';
      const saved = decodeRunState(bytes, name);
      const { progress } = saved;
      checkSettings(saved.settings, settings, name);
      if (progress.batches !== loader.length) {
        throw new CheckpointError(
          `the run was saved with ${progress.batches} batches per epoch, this loader has ${loader.length}`,
          { where: name, hint: 'continue with the same data and batch size' },
        );
      }
      if ((saved.scheduler === null) !== (scheduler === undefined)) {
        throw new CheckpointError(`the run was saved ${saved.scheduler === null ? 'without a' : 'with a'} scheduler`, {
          where: name,
          hint: 'continue with the same optimizer and scheduler',
        });
      }
      this.#best?.resume(saved, name);
      this.#model.loadStateDict(saved.model);
      optimizer.loadStateDict(saved.optimizer);
      scheduler?.loadStateDict(saved.scheduler as SchedulerState);
      setGeneratorState(saved.generator);
      this.#step = progress.step;
      this.#epoch = progress.epoch;
      this.#batch = progress.batch;
      this.#totals = progress.totals;
      this.#history = [...progress.history];
      this.#seconds = progress.seconds;
      this.#saved = { step: progress.step, at: performance.now(), here: false };
    });
    return false;
  }
}
