/** Runs a sweep in a directory, or goes on with it. */
import fs from 'node:fs';
import path from 'node:path';
import { CheckpointError, DataLoader, evaluate, init, limit } from '../../index.js';
import { takeLock, writeFileAtomic } from '../../node.js';
import { buildModel, buildTransforms, EVALUATION_BATCH, type TrainSettings } from '../../recipes.js';
import { loadInto, readWeights } from '../checkpoint.js';
import type { Executor, RunRequest } from '../executor.js';
import { loadImages, shapeOf } from '../images.js';
import { lockFile, readResult, runDirectory, type Machine } from '../layout.js';
import { describeMachine } from '../machine.js';
import { measure } from '../measure.js';
import type { RunResult } from '../result.js';
import { runAll, type RunnerOptions } from '../runner.js';
import { describeTrial, type TrialValues } from './params.js';
import type { Rung } from './rungs.js';

/** What a sweep consists of. */
export interface SweepPlan {
  readonly strategy: 'grid' | 'random' | 'halving';
  /** What all trials have in common. */
  readonly base: Partial<TrainSettings>;
  readonly trials: readonly TrialValues[];
  /** At least one. */
  readonly rungs: readonly Rung[];
  /** The share of the training images that trials are judged by. */
  readonly validation: number;
}

/** The settings of the best trial, on the test images: the only time that they are looked at. */
export interface TestResult {
  readonly id: string;
  readonly loss: number;
  readonly accuracy: number;
}

/** `sweep.json` */
export interface SweepManifest extends SweepPlan {
  readonly version: 1;
  readonly jobs: number;
  readonly threads: number;
  readonly machine: Machine;
  readonly command: string;
  readonly lanewise: string;
  readonly began: string;
  /** As in ISO 8601; null until the winner was tested. */
  readonly ended: string | null;
  readonly test: TestResult | null;
}

/** A trial and what it came to. */
export interface RankedTrial {
  readonly id: string;
  readonly values: TrialValues;
  readonly status: RunResult['status'];
  /** Epochs that it was trained for. */
  readonly epochs: number;
  /** The highest after an epoch; null where there was none. */
  readonly validationAccuracy: number | null;
  /** The epoch with it. */
  readonly bestEpoch: number | null;
  readonly trainLoss: number | null;
  readonly seconds: number;
}

export interface SweepOptions extends RunnerOptions {
  readonly directory: string;
  readonly threads: number;
  readonly command: string;
  readonly version: string;
  /** A round begins: what is done already, and what is to run. */
  readonly onPlan?: (plan: { readonly runs: readonly { readonly id: string; readonly row: string; readonly epochs: number }[]; readonly done: readonly RunResult[] }) => void;
}

export interface SweepOutcome {
  /** The best first. */
  readonly ranking: readonly RankedTrial[];
  /** Null when `signal` ended it before, or no trial could be trained. */
  readonly test: TestResult | null;
}

const MANIFEST = 'sweep.json';
const idOf = (i: number): string => `t${String(i + 1).padStart(4, '0')}`;

/** The plan of a sweep on disk, with all else that is written down of it; null where there is none. */
export function readSweep(directory: string): SweepManifest | null {
  const file = path.join(directory, MANIFEST);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) as SweepManifest : null;
}

/**
 * Trains the trials round by round, ranks them by their accuracy on the images set aside, and tests the best one, with
 * the weights of its best epoch, on the test images, once.
 *
 * @throws {CheckpointError} when another process works in the directory, or it holds something else
 * @throws {MissingDataError} when the data are not there
 */
export async function runSweep(plan: SweepPlan, executor: Executor, options: SweepOptions): Promise<SweepOutcome> {
  const { directory, signal } = options;
  fs.mkdirSync(directory, { recursive: true });
  const release = takeLock(lockFile(directory));
  try {
    const before = readSweep(directory);
    refuseOther(before, plan, directory);
    let manifest: SweepManifest = {
      version: 1, ...plan, jobs: executor.jobs, threads: options.threads, machine: describeMachine(), command: options.command, lanewise: options.version,
      began: before?.began ?? new Date().toISOString(), ended: before?.ended ?? null, test: before?.test ?? null,
    };
    const write = (change: Partial<SweepManifest>): void => {
      manifest = { ...manifest, ...change };
      writeFileAtomic(path.join(directory, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
    };
    write({});
    let standing = plan.trials.map((_, i) => i);
    let trained = 0;
    for (const { epochs, trials } of plan.rungs) {
      standing = bestOf(standing, trials, trained, directory);
      trained = epochs;
      await runRung(standing, epochs, plan, executor, options);
      if (signal?.aborted) break;
    }
    const ranking = rank(plan, directory);
    if (!signal?.aborted && manifest.test === null) {
      const winner = ranking.find(({ validationAccuracy, status }) => status === 'done' && validationAccuracy !== null);
      write({ ended: new Date().toISOString(), test: winner === undefined ? null : await testWinner(winner.id, directory) });
    }
    writeFileAtomic(path.join(directory, 'results.csv'), csvOf(plan, ranking));
    return { ranking, test: manifest.test };
  } finally {
    release();
  }
}

function refuseOther(before: SweepManifest | null, plan: SweepPlan, directory: string): void {
  const told = ({ strategy, base, trials, rungs, validation }: SweepPlan) => JSON.stringify({ strategy, base: { ...base, data: null }, trials, rungs, validation });
  if (before !== null && told(before) !== told(plan)) {
    throw new CheckpointError('this directory holds a sweep of other settings', { where: directory, hint: 'choose another --out, or go on with it: --resume DIR' });
  }
  if (before === null && ['config.json', 'study.json'].some((file) => fs.existsSync(path.join(directory, file)))) {
    throw new CheckpointError('this directory holds something else', { where: directory, hint: 'choose another --out' });
  }
}

async function runRung(standing: readonly number[], epochs: number, plan: SweepPlan, executor: Executor, options: SweepOptions): Promise<void> {
  const requests = standing.map((i): RunRequest => ({
    id: idOf(i), row: idOf(i), group: 'sweep', label: describeTrial(plan.trials[i]!), directory: runDirectory(options.directory, idOf(i)),
    settings: { ...plan.base, ...plan.trials[i]! }, validation: plan.validation, until: epochs, threads: options.threads, prune: false, attempt: 1,
  }));
  const ended = (result: RunResult | null): result is RunResult =>
    result !== null && (result.status === 'diverged' || (result.status === 'done' && result.history.length >= Math.min(epochs, result.settings.epochs ?? epochs)));
  const done = requests.map(({ id }) => readResult(options.directory, id)).filter(ended);
  const ids = new Set(done.map(({ id }) => id));
  const open = requests.filter(({ id }) => !ids.has(id));
  options.onPlan?.({ done, runs: open.map(({ id }) => ({ id, row: id, epochs })) });
  await runAll(open, executor, options);
}

/** The best of some trials by what they came to in so many epochs. */
function bestOf(standing: readonly number[], count: number, epochs: number, directory: string): number[] {
  if (count >= standing.length) return [...standing];
  const scored = standing.map((i) => ({ i, score: scoreOf(readResult(directory, idOf(i)), epochs) }));
  return scored.sort((a, b) => b.score - a.score || a.i - b.i).slice(0, count).map(({ i }) => i);
}

function scoreOf(result: RunResult | null, epochs: number): number {
  return result?.status === 'done' ? measure(result, { of: 'testAccuracy', within: epochs }) ?? -1 : -1;
}

/** All trials, the best first: those that halving dropped stand below those that went on, those that came to nothing at the end. */
function rank({ trials, rungs }: SweepPlan, directory: string): RankedTrial[] {
  const ranked = trials.flatMap((values, i): RankedTrial[] => {
    const result = readResult(directory, idOf(i));
    if (result === null) return [];
    const validationAccuracy = measure(result, { of: 'testAccuracy', at: 'best' });
    return [{
      id: result.id, values, status: result.status, epochs: result.history.length, validationAccuracy,
      bestEpoch: result.history.find(({ testAccuracy }) => testAccuracy !== null && testAccuracy === validationAccuracy)?.epoch ?? null,
      trainLoss: result.history.at(-1)?.trainLoss ?? null, seconds: result.seconds,
    }];
  });
  const order = ({ status, epochs }: RankedTrial): number => (status === 'done' ? (rungs.length === 1 ? 1 : epochs) : 0);
  return ranked.sort((a, b) => order(b) - order(a) || (b.validationAccuracy ?? -1) - (a.validationAccuracy ?? -1) || (a.id < b.id ? -1 : 1));
}

async function testWinner(id: string, directory: string): Promise<TestResult> {
  const { settings } = readResult(directory, id)!;
  await init();
  const images = await loadImages(settings.dataset, settings.data);
  const model = buildModel(settings, { inputShape: shapeOf(images), classes: images.classes.length });
  const weights = path.join(runDirectory(directory, id), 'best.safetensors');
  loadInto(model, weights, readWeights(weights));
  const test = settings.testLimit === null ? images.test : limit(images.test, settings.testLimit);
  const { loss, accuracy } = await evaluate(model, new DataLoader(test, { batchSize: EVALUATION_BATCH, transforms: buildTransforms(settings, images).test }));
  model.dispose();
  return { id, loss, accuracy: accuracy! };
}

function csvOf({ trials }: SweepPlan, ranking: readonly RankedTrial[]): string {
  const names = Object.keys(trials[0] ?? {});
  const cell = (value: unknown): string => {
    const text = value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = ranking.map(({ id, values, status, epochs, validationAccuracy, bestEpoch, trainLoss, seconds }) =>
    [id, ...names.map((name) => values[name]), status, epochs, validationAccuracy, bestEpoch, trainLoss, seconds]);
  return [['id', ...names, 'status', 'epochs', 'validationAccuracy', 'bestEpoch', 'trainLoss', 'seconds'], ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
