/** Runs a sweep in a directory, or goes on with it. */
import fs from 'node:fs';
import path from 'node:path';
import type { Executor } from '../experiments/executor.js';
import { claimDirectory, isFile } from '../experiments/files.js';
import { finishedRun } from '../experiments/finished.js';
import { runDirectory } from '../experiments/layout.js';
import { describeMachine } from '../experiments/machine.js';
import { measure } from '../experiments/measure.js';
import type { RunRequest } from '../experiments/request.js';
import type { RunResult } from '../experiments/result.js';
import { tidy } from '../experiments/runFiles.js';
import { type RunnerOptions, runAll } from '../experiments/runner.js';
import { loadWholeData } from '../experiments/wholeData.js';
import { CheckpointError, evaluate, init, LanewiseError } from '../index.js';
import { readWeights, writeFileAtomic } from '../node/index.js';
import { prepareTraining, resolveTrainSettings } from '../recipes/index.js';
import { csvField } from '../text/csv.js';
import { idOf, readSweep, SWEEP_FILE, type SweepManifest, type SweepPlan, type TestResult } from './manifest.js';
import { describeTrial } from './params.js';
import type { RankedTrial } from './ranking.js';
import { SWEEP_REPORT, writeSweepReport } from './report.js';

export { readSweep, type SweepManifest, type SweepPlan, type TestResult } from './manifest.js';
export type { RankedTrial } from './ranking.js';

export interface SweepOptions extends RunnerOptions {
  readonly directory: string;
  readonly threads: number;
  readonly command: string;
  readonly version: string;
  /** A round begins: what is done already, and what is to run. */
  readonly onPlan?: (plan: {
    readonly runs: readonly { readonly id: string; readonly row: string; readonly epochs: number }[];
    readonly done: readonly RunResult[];
  }) => void;
}

export interface SweepOutcome {
  /** The best first. */
  readonly ranking: readonly RankedTrial[];
  /** Null when `signal` ended it before, or no trial could be trained. */
  readonly test: TestResult | null;
}

const RESULTS_FILE = 'results.csv';

/** The results of the trials that have one, by their ids. */
type Results = Map<string, RunResult>;

/**
 * Trains the trials round by round, ranks them by their accuracy on the images set aside, and tests the best one, with
 * the weights of its best epoch, on the test images, once. Leaves `results.csv` and `report.html`, also when `signal`
 * ended it before.
 *
 * @throws {CheckpointError} when another process works in the directory, or it holds something else, or its
 *   `sweep.json` or the weights of the best trial cannot be read
 * @throws {FileWriteError} when the directory cannot be made or written to
 * @throws {MissingDataError} when the data are not there
 */
export async function runSweep(plan: SweepPlan, executor: Executor, options: SweepOptions): Promise<SweepOutcome> {
  const { directory, signal } = options;
  const release = claimDirectory(directory, [SWEEP_FILE, RESULTS_FILE, SWEEP_REPORT]);
  try {
    const before = readSweep(directory);
    refuseOther(before, plan, directory);
    for (const note of plan.notes ?? []) options.onNote?.(note);
    let manifest: SweepManifest = {
      version: 1,
      ...plan,
      jobs: executor.jobs,
      threads: options.threads,
      machine: describeMachine(),
      command: options.command,
      lanewise: options.version,
      began: before?.began ?? new Date().toISOString(),
      ended: before?.ended ?? null,
      test: before?.test ?? null,
    };
    const write = (change: Partial<SweepManifest>): void => {
      manifest = { ...manifest, ...change };
      writeFileAtomic(path.join(directory, SWEEP_FILE), `${JSON.stringify(manifest, null, 1)}\n`);
    };
    const results: Results = new Map();
    let standing = plan.trials.map((_, i) => i);
    let trained = 0;
    for (const [round, { epochs, trials }] of plan.rungs.entries()) {
      standing = bestOf(standing, trials, trained, results);
      trained = epochs;
      const open = openRuns(standing, epochs, plan, results, options);
      // Not earlier: now it is known that no run in this directory has other settings.
      if (round === 0) write({});
      for (const result of await runAll(open, executor, options)) results.set(result.id, result);
      if (signal?.aborted) break;
    }
    const ranking = rank(plan, results);
    writeFileAtomic(path.join(directory, RESULTS_FILE), csvOf(plan, ranking));
    if (!signal?.aborted && manifest.test === null) {
      const winner = ranking.find(({ validationAccuracy, status }) => status === 'done' && validationAccuracy !== null);
      const test = winner === undefined ? null : await testWinner(winner, plan, directory);
      write({ ended: new Date().toISOString(), test });
    }
    await writeSweepReport(directory, manifest, ranking, results);
    return { ranking, test: manifest.test };
  } finally {
    release();
  }
}

function refuseOther(before: SweepManifest | null, plan: SweepPlan, directory: string): void {
  const told = ({ strategy, base, trials, rungs, validation }: SweepPlan) =>
    JSON.stringify({ strategy, base: { ...base, data: null }, trials, rungs, validation });
  if (before !== null && told(before) !== told(plan)) {
    throw new CheckpointError('this directory holds a sweep of other settings', {
      where: directory,
      hint: 'choose another directory, or go on with it',
      options: ['out', 'resume'],
    });
  }
  if (before === null && ['config.json', 'study.json'].some((file) => fs.existsSync(path.join(directory, file)))) {
    throw new CheckpointError('this directory holds something else', {
      where: directory,
      hint: 'choose another directory',
      options: ['out'],
    });
  }
}

/** The trials of a round that must be executed. The results of all others are added to `results`. */
function openRuns(
  standing: readonly number[],
  epochs: number,
  plan: SweepPlan,
  results: Results,
  options: SweepOptions,
): RunRequest[] {
  const { directory, threads, onNote, onPlan } = options;
  const requests = standing.map(
    (i): RunRequest => ({
      id: idOf(i),
      row: idOf(i),
      group: 'sweep',
      label: describeTrial(plan.trials[i]!),
      directory: runDirectory(directory, idOf(i)),
      settings: { ...plan.base, ...plan.trials[i]! },
      validation: plan.validation,
      until: epochs,
      threads,
      prune: false,
      attempt: 1,
    }),
  );
  const done: RunResult[] = [];
  const open = requests.filter((request) => {
    const result = finishedRun(directory, request, onNote);
    if (result === null || !isAtEnd(result, epochs)) return true;
    tidy(request);
    results.set(request.id, result);
    done.push(result);
    return false;
  });
  onPlan?.({ done, runs: open.map(({ id }) => ({ id, row: id, epochs })) });
  return open;
}

const isAtEnd = ({ status, history, settings }: RunResult, epochs: number): boolean =>
  status === 'diverged' || history.length >= Math.min(epochs, settings.epochs ?? epochs);

/** The best of some trials by what they came to in so many epochs. */
function bestOf(standing: readonly number[], count: number, epochs: number, results: Results): number[] {
  if (count >= standing.length) return [...standing];
  const scored = standing.map((i) => ({ i, score: scoreOf(results.get(idOf(i)), epochs) }));
  return scored
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, count)
    .map(({ i }) => i);
}

function scoreOf(result: RunResult | undefined, epochs: number): number {
  return result?.status === 'done' ? (measure(result, { of: 'testAccuracy', within: epochs }) ?? -1) : -1;
}

/**
 * All trials, the best first: those that halving dropped stand below those that went on, those that came to nothing at
 * the end.
 */
function rank({ trials, rungs }: SweepPlan, results: Results): RankedTrial[] {
  const ranked = trials.flatMap((values, i): RankedTrial[] => {
    const result = results.get(idOf(i));
    if (result === undefined) return [];
    const validationAccuracy = measure(result, { of: 'testAccuracy', at: 'best' });
    return [
      {
        id: result.id,
        values,
        status: result.status,
        epochs: result.history.length,
        validationAccuracy,
        bestEpoch:
          result.history.find(({ testAccuracy }) => testAccuracy !== null && testAccuracy === validationAccuracy)
            ?.epoch ?? null,
        trainLoss: result.history.at(-1)?.trainLoss ?? null,
        seconds: result.seconds,
      },
    ];
  });
  const order = ({ status, epochs }: RankedTrial): number =>
    status === 'done' ? (rungs.length === 1 ? 1 : epochs) : 0;
  return ranked.sort(
    (a, b) =>
      order(b) - order(a) || (b.validationAccuracy ?? -1) - (a.validationAccuracy ?? -1) || (a.id < b.id ? -1 : 1),
  );
}

async function testWinner({ id, values }: RankedTrial, { base }: SweepPlan, directory: string): Promise<TestResult> {
  const settings = resolveTrainSettings({ ...base, ...values });
  const weights = path.join(runDirectory(directory, id), 'best.safetensors');
  const hint = `delete ${runDirectory(directory, id)}: the sweep trains it again when it goes on`;
  if (!isFile(weights, hint)) {
    throw new CheckpointError('the weights of the best trial are missing', { where: weights, hint });
  }
  await init();
  const images = await loadWholeData(settings);
  const training = prepared(() => prepareTraining(settings, images, { weights: readWeights(weights) }), hint);
  try {
    const { loss, accuracy } = await evaluate(training.model, training.testLoader);
    return { id, loss, accuracy: accuracy! };
  } finally {
    training.dispose();
  }
}

/** What `prepare` returns. @throws {CheckpointError} when the weights cannot be used */
function prepared<T>(prepare: () => T, hint: string): T {
  try {
    return prepare();
  } catch (cause) {
    if (!(cause instanceof LanewiseError)) throw cause;
    throw new CheckpointError(`the weights of the best trial cannot be used: ${cause.summary}`, { hint, cause });
  }
}

function csvOf({ trials }: SweepPlan, ranking: readonly RankedTrial[]): string {
  const names = Object.keys(trials[0] ?? {});
  const cell = (value: unknown): string =>
    csvField(typeof value === 'number' || value === null ? value : String(value));
  const rows = ranking.map(({ id, values, status, epochs, validationAccuracy, bestEpoch, trainLoss, seconds }) => [
    id,
    ...names.map((name) => values[name]),
    status,
    epochs,
    validationAccuracy,
    bestEpoch,
    trainLoss,
    seconds,
  ]);
  return [['id', ...names, 'status', 'epochs', 'validationAccuracy', 'bestEpoch', 'trainLoss', 'seconds'], ...rows]
    .map((row) => `${row.map(cell).join(',')}\n`)
    .join('');
}
