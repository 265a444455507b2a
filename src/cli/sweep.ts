/** `lanewise sweep` */
import path from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { substituteInUse, withSubstitute } from '../experiments/wholeData.js';
import {
  type OptionTable,
  resolveSettings,
  resolveTrainSettings,
  type Settings,
  TRAIN_OPTIONS,
  type TrainSettings,
} from '../recipes/index.js';
import { drawTrials, gridOf, type Param } from '../sweep/params.js';
import { halvingRungs } from '../sweep/rungs.js';
import { type RankedTrial, readSweep, runSweep, type SweepPlan } from '../sweep/runSweep.js';
import { percent, plural, roundedDuration } from '../text/numbers.js';
import { flagName } from './flags.js';
import { examples } from './help.js';
import { Interrupt } from './interrupt.js';
import { addOptions, givenOptions, noteIdle } from './options.js';
import { Output } from './output.js';
import { parseParam, trialFlags } from './param.js';
import { checkQueueOptions, openExecution, QUEUE_OPTIONS, typedCommand } from './queue.js';
import { RunsView } from './runsView.js';
import { noteCrowding } from './runtime.js';
import { carriedDigits } from './substitute.js';
import { checkUsage, UsageError } from './usage.js';

const EXAMPLES = examples(
  [
    'lanewise sweep --param lr=log:1e-4:1e-1:8 --param weightDecay=0,1e-4 --model lenet5 --epochs 3 --jobs 2',
    'lanewise sweep --strategy random --trials 20 --param lr=log:1e-3:1 --param momentum=linear:0:0.95 ' +
      '--param batchSize=32,64,128',
    'lanewise sweep --strategy halving --trials 27 --epochs 9 --param lr=log:1e-4:1 ' +
      '--param "hidden=128;256,128" --model mlp-bn',
    'lanewise sweep --resume runs/sweep',
  ],
  'Trials are judged by training images that are set aside; the best one is tested on the test images, once, ' +
    'at the end.',
);

const OPTIONS = {
  strategy: {
    kind: 'choice',
    choices: ['grid', 'random', 'halving'],
    default: 'grid',
    help:
      'grid (every combination), random ({trials} of them, drawn), halving (many ' +
      'for few epochs, the best of them for more)',
  },
  trials: {
    kind: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 16,
    value: 'N',
    help: 'trials of the strategies random and halving',
  },
  factor: {
    kind: 'integer',
    minimum: 2,
    maximum: 100,
    default: 3,
    value: 'N',
    only: { option: 'strategy', among: ['halving'] },
    help: 'of each round of halving, 1/N goes on to N times as many epochs, up to {epochs}',
  },
  minEpochs: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: 1,
    value: 'N',
    only: { option: 'strategy', among: ['halving'] },
    help: 'the least epochs of the first round of halving',
  },
  validation: {
    kind: 'number',
    minimum: 0.001,
    maximum: 0.9,
    default: 0.1,
    value: 'X',
    help: 'share of the training images that is set aside to judge by',
  },
  top: {
    kind: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 5,
    value: 'N',
    help: 'trials to show at the end; all of them are in results.csv',
  },
  jobs: {
    kind: 'integer',
    minimum: 1,
    maximum: 256,
    default: 1,
    value: 'N',
    help: 'trials at a time, each in a process of its own',
  },
  threads: { kind: 'integer', minimum: 1, maximum: 64, default: 1, value: 'N', help: 'threads of each trial' },
  ...QUEUE_OPTIONS,
  out: { kind: 'text', default: null, value: 'DIR', help: 'directory of the sweep', defaultHelp: 'runs/sweep' },
  resume: { kind: 'text', default: null, value: 'DIR', help: 'go on with the sweep in DIR, with its settings' },
  json: {
    kind: 'flag',
    default: false,
    help:
      'print one JSON object per line (events sweep, plan, start, epoch, retry, ' +
      'result, trial, verified, done) and nothing else on stdout',
  },
} as const satisfies OptionTable;

/** The share that is set aside is that of the sweep; what the best trial is tested on stays the default. */
const { validation: _, ...COMMON } = TRAIN_OPTIONS;

/** Settings that may be given beside --resume. */
const WITH_RESUME: readonly string[] = ['resume', 'jobs', 'threads', 'top', 'json', 'data', 'queue', 'verify'];

type SweepSettings = Settings<typeof OPTIONS>;

export function addSweepCommand(program: Command, version: string): void {
  const command = program
    .command('sweep')
    .description('Search for good settings of training: a grid, random draws, or successive halving.');
  command.option(
    '--param <NAME=VALUES>',
    'vary an option of training: NAME=A,B,…, NAME=log:LOW:HIGH:COUNT or ' +
      'NAME=linear:LOW:HIGH:COUNT; can be given several times',
    (text: string, all: string[] = []) => [...all, text],
  );
  addOptions(command, 'The sweep:', OPTIONS);
  addOptions(command, 'What all trials have in common:', COMMON);
  command.addHelpText('after', EXAMPLES).action(() => runSweepCommand(givenOptions(command), version));
}

async function runSweepCommand({ param = [], ...given }: Record<string, unknown>, version: string): Promise<void> {
  const pick = (table: OptionTable) => Object.fromEntries(Object.entries(given).filter(([name]) => name in table));
  const options = checkUsage(() => resolveSettings(OPTIONS, pick(OPTIONS)));
  checkQueueOptions(options, given);
  const output = new Output(options.json);
  const { plan, directory } =
    options.resume === null
      ? begun(
          options.out ?? path.join('runs', 'sweep'),
          checkUsage(() => planOf(param as string[], pick(COMMON), options, output)),
        )
      : resumed(options.resume, given, param as string[]);
  if (options.queue === null) noteCrowding(options.jobs, options.threads, output);
  const view = new RunsView(output, options.queue === null ? options.jobs : null);
  const interrupt = new Interrupt(() =>
    view.note('finishing the batches under way, then writing checkpoints; once more to quit at once'),
  );
  const execution = await openExecution(options, directory, version, (text) => view.note(`note: ${text}`));
  const since = performance.now();
  try {
    output.event('sweep', {
      directory,
      strategy: plan.strategy,
      trials: plan.trials.length,
      rungs: plan.rungs,
      validation: plan.validation,
    });
    output.line(
      `${plural(plan.trials.length, 'trial')}, ` +
        `${plan.rungs.map(({ trials, epochs }) => `${trials} for ${plural(epochs, 'epoch')}`).join(', then ')}, ` +
        `in ${directory}`,
    );
    const { ranking, test } = await runSweep(plan, execution.executor, {
      directory,
      threads: options.threads,
      version,
      command: typedCommand(),
      signal: interrupt.signal,
      ...view.listeners,
    });
    view.close();
    if (interrupt.signal.aborted) {
      output.note(execution.goesOn(`lanewise sweep --resume ${directory}`));
      process.exitCode = interrupt.exitCode ?? 1;
      return;
    }
    const agreed = await execution.verified(output);
    for (const [i, trial] of ranking.entries()) output.event('trial', { rank: i + 1, ...trial });
    for (const line of tableOf(ranking.slice(0, options.top))) output.line(line);
    output.event('done', {
      trials: ranking.length,
      test,
      seconds: (performance.now() - since) / 1000,
      results: path.join(directory, 'results.csv'),
      report: path.join(directory, 'report.html'),
    });
    const winner = ranking.find(({ id }) => id === test?.id);
    if (test !== null && winner !== undefined) {
      output.line(
        `best: ${trialFlags(winner.values)}  test accuracy ${percent(test.accuracy)}, loss ${test.loss.toFixed(4)}`,
      );
    }
    output.line(
      `all trials in ${path.join(directory, 'report.html')} and results.csv, ` +
        `in ${roundedDuration((performance.now() - since) / 1000)}`,
    );
    if (ranking.some(({ status }) => status === 'failed') || test === null || !agreed) process.exitCode = 1;
  } finally {
    view.close();
    interrupt.close();
    await execution.close();
  }
}

function planOf(
  texts: readonly string[],
  base: Partial<TrainSettings>,
  options: SweepSettings,
  output: Output,
): SweepPlan {
  if (texts.length === 0) throw new UsageError('say what to vary: --param lr=log:1e-4:1e-1:8');
  const params = texts.map(parseParam);
  if (base.dataset === 'table' && base.task !== 'classification')
    throw new UsageError('trials are ranked by their accuracy: with a table, give --task classification');
  const twice = params.find(({ name }, i) => params.findIndex((other) => other.name === name) !== i || name in base);
  if (twice !== undefined) throw new UsageError(`${twice.name} is given twice`);
  const epochs = resolveTrainSettings(base).epochs;
  if (base.steps !== undefined || epochs === null)
    throw new UsageError('a sweep is measured in epochs: --steps cannot be given');
  if (options.strategy === 'halving' && params.some(({ name }) => name === 'epochs'))
    throw new UsageError('halving decides itself how many epochs a trial gets: epochs cannot be varied');
  const trials = trialsOf(params, options, resolveTrainSettings(base).seed);
  for (const values of trials) {
    const settings = resolveTrainSettings({ ...base, ...values });
    if (values === trials[0]) noteIdle({ ...base, ...values }, settings, output);
  }
  const longest = Math.max(...trials.map((values) => resolveTrainSettings({ ...base, ...values }).epochs ?? epochs));
  const rungs =
    options.strategy === 'halving'
      ? halvingRungs(trials.length, epochs, options.factor, options.minEpochs)
      : [{ epochs: longest, trials: trials.length }];
  return {
    strategy: options.strategy,
    base: { ...base, ...(base.data != null && { data: path.resolve(base.data) }) },
    trials,
    rungs,
    validation: options.validation,
  };
}

function trialsOf(params: readonly Param[], { strategy, trials }: SweepSettings, seed: number) {
  return strategy === 'grid' ? gridOf(params) : drawTrials(params, trials, seed);
}

/** A sweep that begins, or goes on with the same command. */
function begun(directory: string, plan: SweepPlan): { plan: SweepPlan; directory: string } {
  const { base } = plan;
  const substitute = base.data == null ? substituteInUse(carriedDigits(), readSweep(directory)) : null;
  const used = withSubstitute(base, substitute);
  return {
    directory,
    plan: substitute === null || used === base ? plan : { ...plan, base: used, notes: [substitute.note] },
  };
}

function resumed(
  directory: string,
  given: Record<string, unknown>,
  params: readonly string[],
): { plan: SweepPlan; directory: string } {
  const refused = [
    ...Object.keys(given).filter((name) => !WITH_RESUME.includes(name)),
    ...(params.length > 0 ? ['param'] : []),
  ];
  if (refused.length > 0)
    throw new UsageError(
      `--resume takes its settings from ${directory}: ${refused.map(flagName).join(', ')} cannot be given beside it`,
    );
  const manifest = readSweep(directory);
  if (manifest === null) throw new UsageError(`there is no sweep in ${directory} to resume`);
  const { strategy, base, trials, rungs, validation, notes } = manifest;
  if (given.data !== undefined && base.dataset === 'mnist-subset')
    throw new UsageError(`the sweep in ${directory} began on the digits that come with lanewise: leave --data out`);
  return {
    directory,
    plan: {
      strategy,
      base: { ...base, ...(given.data !== undefined && { data: path.resolve(given.data as string) }) },
      trials,
      rungs,
      validation,
      notes,
    },
  };
}

function tableOf(ranking: readonly RankedTrial[]): string[] {
  const names = Object.keys(ranking[0]?.values ?? {});
  const rows = [
    ['', ...names, 'epochs', 'validation', 'at epoch', ''],
    ...ranking.map(({ values, status, epochs, validationAccuracy, bestEpoch }, i) => [
      String(i + 1),
      ...names.map((name) => String(values[name])),
      String(epochs),
      validationAccuracy === null ? '' : percent(validationAccuracy),
      bestEpoch === null ? '' : String(bestEpoch),
      status === 'done' ? '' : status,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padStart(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
