/** One run of a study, from its settings to `result.json`. */
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {
  CheckpointError, crossEntropy, digest, evaluate, fit, init, NonFiniteError, runtimeInfo, scope, zeros, type BatchReport, type DataLoader, type EpochMetrics, type LoadedData, type nn,
} from '../index.js';
import { RunDirectory, writeFileAtomic } from '../node.js';
import { resolveTrainSettings, type RunSettings } from '../recipes.js';
import type { ExecuteOptions, RunEvent, RunRequest } from './executor.js';
import { loadWholeImages } from './images.js';
import { prepareTraining } from './prepare.js';
import type { Divergence, EpochResult, Milestone, RunResult } from './result.js';
import { RecordedRun } from './steps.js';

/** Test accuracies whose time is told, by data set. */
const GOALS: Readonly<Record<string, readonly number[]>> = { mnist: [0.98, 0.99] };

/** How long the process that had the directory before may take to notice that it is alone, and go. */
const LOCK_PATIENCE_MS = 10_000;
const PROGRESS_MS = 250;
/** A model that only guesses, with a loss so many times that of guessing, has run away. */
const EXPLODED = 10;

/**
 * Executes a run in this process, or goes on with what its directory holds, and leaves `result.json` there.
 *
 * @returns what it came to; null when `signal` ended it
 * @throws {MissingDataError} when the data are not there
 * @throws {CheckpointError} when the directory holds a run with other settings, or another process works there
 */
export async function executeRun(request: RunRequest, { onEvent = () => {}, signal }: ExecuteOptions = {}): Promise<RunResult | null> {
  const settings = resolveTrainSettings(request.settings);
  await startKernels(request.threads);
  const images = await imagesOf(settings);
  const directory = await openDirectory(request.directory, settings);
  const training = prepareTraining(settings, images, request.validation);
  try {
    const { model, loader, testLoader, parameters, fitOptions } = training;
    const steps = new RecordedRun(directory, loader.length, loader.batchSize, loader.dataset.length);
    const history = historyIn(directory);
    const epochs = Math.min(request.until ?? Infinity, fitOptions.epochs ?? Infinity);
    onEvent({ event: 'start', pid: process.pid, epoch: history.length, epochs, notes: images.notes });
    const tell = progressTeller(epochs, onEvent);
    let divergence: Divergence | null = null;
    let ended: { history: readonly EpochMetrics[]; seconds: number } | null = null;
    try {
      const result = await fit(model, {
        ...fitOptions, epochs, checkpoints: steps,
        ...(signal !== undefined && { signal }),
        onBatch: (report) => {
          steps.add(report);
          tell(report);
        },
        onEpoch: (metrics) => {
          // The file of metrics may be an epoch ahead of the state that the run went on from.
          history.splice(metrics.epoch - 1, Infinity, metrics);
          onEvent({ event: 'epoch', ...epochResults(history, loader.length).at(-1)! });
        },
      });
      if (result.ended === 'aborted') return null;
      ended = result;
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      divergence = { kind: 'nonFinite', reason: error.message.split('\n')[0]!, step: steps.steps };
      ended = { history, seconds: steps.progress?.seconds ?? 0 };
    }
    const results = epochResults(ended.history, loader.length);
    const final = results.at(-1);
    const classes = classesOf(testLoader);
    const guesses = divergence === null && final?.testAccuracy != null && final.testAccuracy <= classes.largestShare;
    const atChance = guesses && steps.endsAtChance(classesOf(loader).largestShare);
    if (guesses) divergence = explosion(final.testLoss!, classes.count, steps.steps) ?? await collapse(model, testLoader, steps.steps);
    const accuracies = results.map(({ testAccuracy }) => testAccuracy).filter((value) => value !== null);
    const result: RunResult = {
      id: request.id, row: request.row, group: request.group, label: request.label, seed: settings.seed, settings, validation: request.validation,
      status: divergence === null ? 'done' : 'diverged', divergence, error: null, atChance, parameters, notes: images.notes,
      history: results, curve: steps.curve(),
      finalTrainAccuracy: final?.trainAccuracy ?? null, finalTestAccuracy: final?.testAccuracy ?? null,
      bestTestAccuracy: accuracies.length === 0 ? null : Math.max(...accuracies),
      secondsPerEpoch: median(results.map(({ seconds }) => seconds)),
      milestones: milestonesOf(results, GOALS[settings.dataset] ?? []),
      stepsTo90: steps.stepsTo(0.9),
      digest: divergence?.kind === 'nonFinite' ? null : digest(model.stateDict()),
      steps: steps.steps, seconds: ended.seconds, runtime: runtimeInfo(), attempts: request.attempt, ended: new Date().toISOString(),
    };
    writeResult(request.directory, result);
    if (request.prune) prune(directory);
    return result;
  } finally {
    training.dispose();
    directory.close();
  }
}

/** The result of a run that crashed, from what it left. */
export function failedResult(request: RunRequest, error: unknown): RunResult {
  const settings = resolveTrainSettings(request.settings);
  return {
    id: request.id, row: request.row, group: request.group, label: request.label, seed: settings.seed, settings, validation: request.validation,
    status: 'failed', divergence: null, error: error instanceof Error ? error.message : String(error), atChance: false, parameters: null, notes: [],
    history: [], curve: { every: 1, loss: [], accuracy: [] },
    finalTrainAccuracy: null, finalTestAccuracy: null, bestTestAccuracy: null, secondsPerEpoch: null, milestones: milestonesOf([], GOALS[settings.dataset] ?? []),
    stepsTo90: null, digest: null, steps: 0, seconds: 0, runtime: null, attempts: request.attempt, ended: new Date().toISOString(),
  };
}

export function writeResult(directory: string, result: RunResult): void {
  fs.mkdirSync(directory, { recursive: true });
  writeFileAtomic(path.join(directory, 'result.json'), `${JSON.stringify(result)}\n`);
}

// ---- The process ----

let kernels: Promise<unknown> | undefined;

/** Once in a process: all runs that it executes have the same number of threads. */
function startKernels(threads: number): Promise<unknown> {
  return kernels ??= init({ threads });
}

const loaded = new Map<string, Promise<LoadedData>>();

/** The images of a data set, read once in a process. */
function imagesOf({ dataset, data }: RunSettings): Promise<LoadedData> {
  const key = JSON.stringify([dataset, data]);
  let images = loaded.get(key);
  if (images === undefined) {
    images = loadWholeImages(dataset, data);
    loaded.set(key, images);
    images.catch(() => loaded.delete(key));
  }
  return images;
}

// ---- The directory ----

async function openDirectory(directory: string, settings: RunSettings): Promise<RunDirectory> {
  const since = performance.now();
  for (;;) {
    try {
      if (!fs.existsSync(path.join(directory, 'config.json'))) return RunDirectory.create(directory, settings);
      const run = RunDirectory.open(directory);
      if (sameRun(run.config, settings)) return run;
      run.close();
      throw new CheckpointError('this directory holds a run with other settings', { where: directory, hint: 'choose another --out, or delete it' });
    } catch (error) {
      // Whoever ran this before was killed; the process that worked for it may need a moment to notice.
      if (!(error instanceof CheckpointError) || !/works in this directory/.test(error.message) || performance.now() - since > LOCK_PATIENCE_MS) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 200); });
    }
  }
}

/** Whether a run was begun with these settings; where the files of its data lie does not matter. */
function sameRun(config: unknown, settings: RunSettings): boolean {
  const told = (given: object) => JSON.stringify({ ...resolveTrainSettings(given as Record<string, unknown>), data: null });
  return told(config as object) === told(settings);
}

/** The epochs that a run has behind it. */
function historyIn(directory: RunDirectory): EpochMetrics[] {
  const file = path.join(directory.path, 'metrics.jsonl');
  if (directory.load() === null || !fs.existsSync(file)) return [];
  return fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as EpochMetrics);
}

/** Keeps the weights that the digest is of, and the result. */
function prune(directory: RunDirectory): void {
  for (const file of [directory.name, directory.best]) fs.rmSync(file, { force: true });
}

// ---- What it came to ----

/** Tells how far a run is, a few times a second. */
function progressTeller(epochs: number, onEvent: (event: RunEvent) => void): (report: BatchReport) => void {
  let last = -Infinity;
  return ({ epoch, batch, batches, trainLoss }) => {
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    onEvent({ event: 'progress', done: (epoch - 1 + batch / batches) / epochs, trainLoss: Number.isFinite(trainLoss) ? trainLoss : null });
  };
}

function epochResults(history: readonly EpochMetrics[], batches: number): EpochResult[] {
  let trainSeconds = 0;
  return history.map((metrics) => {
    trainSeconds += metrics.seconds;
    return { ...metrics, steps: metrics.epoch * batches, trainSeconds };
  });
}

function milestonesOf(history: readonly EpochResult[], goals: readonly number[]): Milestone[] {
  return goals.map((accuracy) => {
    const reached = history.find(({ testAccuracy }) => testAccuracy !== null && testAccuracy > accuracy);
    return { accuracy, epoch: reached?.epoch ?? null, seconds: reached?.trainSeconds ?? null };
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
  return { kind: 'exploded', reason: `its loss in the end is ${Number(testLoss.toPrecision(3))}, where guessing has ${guessing.toFixed(2)}`, step };
}

/** Whether the model's outputs are the same for all images, bit for bit: the units of some layer are all off, and no gradient brings them back. */
async function collapse(model: nn.Module, loader: DataLoader, step: number): Promise<Divergence | null> {
  let first: Float32Array | undefined;
  let same = true;
  await evaluate(model, loader, {
    onBatch: ({ output }) => {
      const scores = output.data() as Float32Array;
      const classes = output.shape[1]!;
      first ??= scores.slice(0, classes);
      for (let i = 0; same && i < scores.length; i++) same = scores[i] === first[i % classes];
    },
  });
  return same ? { kind: 'collapsed', reason: 'its outputs are the same for all test images', step } : null;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length === 0 ? null : sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
