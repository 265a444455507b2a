/** One run of a study, from its settings to `result.json`. */
import process from 'node:process';
import {
  type BatchReport,
  crossEntropy,
  type DataLoader,
  digest,
  type EpochMetrics,
  evaluate,
  fit,
  init,
  NonFiniteError,
  type nn,
  runtimeInfo,
  scope,
  zeros,
} from '../index.js';
import { type RunData, type RunDirectory, readWeights } from '../node/index.js';
import {
  DATA_OPTIONS,
  type PreparedTraining,
  prepareTraining,
  type RunSettings,
  resolveTrainSettings,
} from '../recipes/index.js';
import type { ExecuteOptions, RunEvent } from './executor.js';
import { writeResult } from './layout.js';
import type { RunRequest } from './request.js';
import { type Divergence, type EpochResult, milestonesOf, type RunResult } from './result.js';
import { openRun, prune } from './runFiles.js';
import { median } from './statistics.js';
import { RecordedRun } from './steps.js';
import { loadWholeData } from './wholeData.js';

const PROGRESS_MS = 250;
/** A model that only guesses, with a loss so many times that of guessing, has run away. */
const EXPLODED = 10;

/**
 * Executes a run in this process, or continues the one in its directory, and leaves `result.json` there. Except for
 * times the result is the same however often the run was stopped or killed before.
 *
 * @returns the result; null when `signal` ended the run
 * @throws {MissingDataError} when the data are not there
 * @throws {CheckpointError} when the directory holds a run with other settings, or damaged files, or another
 *   process works there
 */
export async function executeRun(request: RunRequest, options: ExecuteOptions = {}): Promise<RunResult | null> {
  const settings = resolveTrainSettings(request.settings);
  await startKernels(request.threads);
  const images = await imagesOf(settings);
  const training = prepareTraining(settings, images, {
    validation: request.validation,
    weights: settings.init === null ? undefined : readWeights(settings.init),
  });
  try {
    const directory = await openRun(request.directory, settings);
    try {
      const result = await execute(request, { settings, images, training, directory }, options);
      if (result === null) return null;
      writeResult(request.directory, result);
      if (request.prune) prune(request.directory);
      return result;
    } finally {
      directory.close();
    }
  } finally {
    training.dispose();
  }
}

/** What a run consists of in this process. */
interface OpenRun {
  readonly settings: RunSettings;
  readonly images: RunData;
  readonly training: PreparedTraining & { readonly testLoader: DataLoader };
  readonly directory: RunDirectory;
}

async function execute(
  request: RunRequest,
  open: OpenRun,
  { onEvent = () => {}, signal }: ExecuteOptions,
): Promise<RunResult | null> {
  const { settings, images, training, directory } = open;
  const { model, loader, testLoader, parameters, fitOptions } = training;
  const steps = new RecordedRun(directory, loader.length, loader.batchSize, loader.dataset.length);
  steps.load();
  const history = [...(steps.progress?.history ?? [])];
  const epochs = Math.min(request.until ?? Infinity, fitOptions.epochs ?? Infinity);
  onEvent({ event: 'start', pid: process.pid, epoch: history.length, epochs, notes: images.notes });
  const tell = progressTeller(epochs, onEvent);
  let divergence: Divergence | null = null;
  let ended: { history: readonly EpochMetrics[]; seconds: number };
  try {
    const result = await fit(model, {
      ...fitOptions,
      epochs,
      checkpoints: steps,
      ...(signal !== undefined && { signal }),
      onBatch: (report) => {
        steps.add(report);
        tell(report);
      },
      onEpoch: (metrics) => {
        history.push(metrics);
        onEvent({ event: 'epoch', ...epochResults(history, loader.length).at(-1)! });
      },
    });
    if (result.ended === 'aborted') return null;
    ended = result;
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    // The checkpoint of the abort found it before training would have. Resumed, the run diverges where it always does.
    if (signal?.aborted) return null;
    divergence = { kind: 'nonFinite', reason: error.summary, step: steps.steps };
    ended = { history, seconds: steps.progress?.seconds ?? 0 };
  }
  const results = epochResults(ended.history, loader.length);
  const final = results.at(-1);
  const classes = classesOf(testLoader);
  const guesses = divergence === null && final?.testAccuracy != null && final.testAccuracy <= classes.largestShare;
  const atChance = guesses && steps.endsAtChance(classesOf(loader).largestShare);
  if (guesses) {
    divergence =
      explosion(final.testLoss!, classes.count, steps.steps) ?? (await collapse(model, testLoader, steps.steps));
  }
  const accuracies = results.map(({ testAccuracy }) => testAccuracy).filter((value) => value !== null);
  return {
    id: request.id,
    row: request.row,
    group: request.group,
    label: request.label,
    seed: settings.seed,
    settings,
    validation: request.validation,
    status: divergence === null ? 'done' : 'diverged',
    divergence,
    error: null,
    atChance,
    parameters,
    notes: images.notes,
    history: results,
    curve: steps.curve(),
    finalTrainAccuracy: final?.trainAccuracy ?? null,
    finalTestAccuracy: final?.testAccuracy ?? null,
    bestTestAccuracy: accuracies.length === 0 ? null : Math.max(...accuracies),
    secondsPerEpoch: median(results.map(({ seconds }) => seconds)),
    milestones: milestonesOf(results, settings),
    stepsTo90: steps.stepsTo(0.9),
    digest: divergence?.kind === 'nonFinite' ? null : digest(model.stateDict()),
    steps: steps.steps,
    seconds: ended.seconds,
    runtime: runtimeInfo(),
    attempts: request.attempt,
    ended: new Date().toISOString(),
  };
}

// ---- The process ----

let kernels: Promise<unknown> | undefined;

/** Once in a process: all runs that it executes have the same number of threads. */
function startKernels(threads: number): Promise<unknown> {
  return (kernels ??= init({ threads }));
}

const loaded = new Map<string, Promise<RunData>>();

/** The images of a data set, read once in a process. */
function imagesOf(settings: RunSettings): Promise<RunData> {
  const key = JSON.stringify(Object.keys(DATA_OPTIONS).map((name) => settings[name as keyof typeof DATA_OPTIONS]));
  let images = loaded.get(key);
  if (images === undefined) {
    images = loadWholeData(settings);
    loaded.set(key, images);
    images.catch(() => loaded.delete(key));
  }
  return images;
}

// ---- What it came to ----

/** Tells how far a run is, a few times a second. */
function progressTeller(epochs: number, onEvent: (event: RunEvent) => void): (report: BatchReport) => void {
  let last = -Infinity;
  return ({ epoch, batch, batches, trainLoss }) => {
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    onEvent({
      event: 'progress',
      done: (epoch - 1 + batch / batches) / epochs,
      trainLoss: Number.isFinite(trainLoss) ? trainLoss : null,
    });
  };
}

function epochResults(history: readonly EpochMetrics[], batches: number): EpochResult[] {
  let trainSeconds = 0;
  return history.map((metrics) => {
    trainSeconds += metrics.seconds;
    return { ...metrics, steps: metrics.epoch * batches, trainSeconds };
  });
}

/** How many classes the images are of, and the share of the most frequent one: the accuracy of naming it always. */
function classesOf(loader: DataLoader): { readonly count: number; readonly largestShare: number } {
  const counts = new Map<number, number>();
  let images = 0;
  for (const [, labels] of loader.from(0)) {
    images += labels.size;
    for (const label of labels.data()) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return { count: counts.size, largestShare: Math.max(...counts.values()) / images };
}

/** Whether the loss of a model that only guesses is far above that of guessing. */
function explosion(testLoss: number, classes: number, step: number): Divergence | null {
  const guessing = scope(() => crossEntropy(zeros([1, classes]), zeros([1], { dtype: 'int32' })).item());
  if (testLoss <= EXPLODED * guessing) return null;
  return {
    kind: 'exploded',
    reason: `its loss in the end is ${Number(testLoss.toPrecision(3))}, where guessing has ${guessing.toFixed(2)}`,
    step,
  };
}

/**
 * Whether the model's outputs are the same for all images, bit for bit: the units of some layer are all off, and no
 * gradient brings them back.
 */
async function collapse(model: nn.Module, loader: DataLoader, step: number): Promise<Divergence | null> {
  let first: Float32Array | undefined;
  let same = true;
  await evaluate(model, loader, {
    onBatch: ({ output }) => {
      const scores = output.data('float32');
      const classes = output.shape[1]!;
      first ??= scores.slice(0, classes);
      for (let i = 0; same && i < scores.length; i++) same = scores[i] === first[i % classes];
    },
  });
  return same ? { kind: 'collapsed', reason: 'its outputs are the same for all test images', step } : null;
}
