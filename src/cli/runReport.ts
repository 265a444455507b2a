/** The report that `lanewise train` leaves in the directory of a run. */
import process from 'node:process';
import { type DataLoader, LanewiseError, type nn, runtimeInfo } from '../index.js';
import type { RunDirectory } from '../node/index.js';
import { type RunSettings, resolveTrainSettings, TRAIN_OPTIONS } from '../recipes/index.js';
import type { FinishedRun } from '../report/run.js';
import { plural } from '../text/numbers.js';
import type { Output } from './output.js';

type Facts = Pick<FinishedRun, 'notes' | 'classes' | 'parameters' | 'history' | 'losses' | 'steps' | 'seconds'> &
  Pick<FinishedRun, 'ended' | 'digest'> & { readonly settings: RunSettings };

/**
 * Evaluates the model once more, and writes the report. A run whose report cannot be written is a run all the same.
 *
 * @returns whether it was written
 */
export async function reportRun(
  directory: RunDirectory,
  model: nn.Module,
  { loader, testLoader }: { readonly loader: DataLoader; readonly testLoader: DataLoader },
  facts: Facts,
  output: Output,
): Promise<boolean> {
  try {
    const [{ writeRunReport }, { judgeClassifier }, { judgeNumbers }] = await Promise.all([
      import('../report/run.js'),
      import('../report/judge.js'),
      import('../report/residuals.js'),
    ]);
    const { settings, classes } = facts;
    writeRunReport(directory.report, {
      ...facts,
      settings: { ...settings },
      defaults: defaultsFor(settings),
      model: settings.model,
      dataset: settings.dataset,
      samples: { train: loader.dataset.length, test: testLoader.dataset.length },
      runtime: runtimeText(),
      judgement: await (classes.length > 0
        ? judgeClassifier(model, testLoader, classes.length)
        : judgeNumbers(model, testLoader)),
    });
  } catch (error) {
    if (!(error instanceof LanewiseError)) throw error;
    output.note(`note: there is no report: ${error.message}`);
    return false;
  }
  return true;
}

/** With the learning rate that goes with the optimizer. */
function defaultsFor({ model, optimizer, dataset }: RunSettings): Record<string, unknown> {
  const {
    model: { default: usual },
    optimizer: { default: rule },
  } = TRAIN_OPTIONS;
  return { ...resolveTrainSettings({ model, optimizer, dataset }), model: usual, optimizer: rule };
}

function runtimeText(): string {
  const { variant, threads } = runtimeInfo();
  return `Node ${process.versions.node}, ${plural(threads, 'thread')}, kernels: ${variant}`;
}
