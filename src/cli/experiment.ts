/** `lanewise experiment` */
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { readManifest } from '../experiments/layout.js';
import type { Study } from '../experiments/study.js';
import { nearest, type OptionTable, resolveSettings, TRAIN_OPTIONS } from '../recipes/index.js';
import { STUDIES } from '../studies/index.js';
import { runStudy } from '../studies/runStudy.js';
import { plural, roundedDuration } from '../text/numbers.js';
import { examples } from './help.js';
import { Interrupt } from './interrupt.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { checkQueueOptions, openExecution, QUEUE_OPTIONS, typedCommand } from './queue.js';
import { RunsView } from './runsView.js';
import { noteCrowding } from './runtime.js';
import { carriedDigits } from './substitute.js';
import { checkUsage, UsageError } from './usage.js';

const EXAMPLES = examples(
  [
    'lanewise experiment --list',
    'lanewise experiment bn-cnn --quick',
    'lanewise experiment resnet --jobs 2 --out runs/resnet',
    'lanewise experiment cifar-search --data cifar-10-batches-bin',
  ],
  'The same command goes on with a study that was stopped, in whatever way; no more than the epochs under ' +
    'way are lost.',
);

const OPTIONS = {
  seeds: {
    kind: 'integer',
    minimum: 1,
    maximum: 100,
    default: null,
    value: 'N',
    help: 'run each setting with the seeds 1 … N; more can be added later',
    defaultHelp: '3, or as many as the study says; with --quick 1',
  },
  jobs: {
    kind: 'integer',
    minimum: 1,
    maximum: 256,
    default: 1,
    value: 'N',
    help: 'runs at a time, each in a process of its own',
  },
  threads: {
    kind: 'integer',
    minimum: 1,
    maximum: 64,
    default: 1,
    value: 'N',
    help: 'threads of each run; the weights are the same bits with any number',
  },
  ...QUEUE_OPTIONS,
  quick: {
    kind: 'flag',
    default: false,
    help: 'a small version of the study: few images, two epochs, fewer settings of a search',
  },
  out: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'directory of the study',
    defaultHelp: 'runs/NAME, with --quick runs/NAME-quick',
  },
  resume: {
    kind: 'flag',
    default: false,
    help: 'continue the study in --out, with its seeds and --quick, or fail when there is none',
  },
  data: { ...TRAIN_OPTIONS.data },
  list: { kind: 'flag', default: false, help: 'list the studies' },
  json: {
    kind: 'flag',
    default: false,
    help:
      'print one JSON object per line (events study, start, epoch, retry, result, verified, done) ' +
      'and nothing else on stdout',
  },
} as const satisfies OptionTable;

export function addExperimentCommand(program: Command, version: string): void {
  const command = program
    .command('experiment')
    .description('Run a study: a grid of settings with several seeds, beside the figures that a report published.')
    .argument('[name]', `one of ${STUDIES.map(({ name }) => name).join(', ')}`);
  addOptions(command, 'Options:', OPTIONS);
  command
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined) => runExperiment(name, givenOptions(command), version));
}

async function runExperiment(name: string | undefined, given: Record<string, unknown>, version: string): Promise<void> {
  const options = checkUsage(() => resolveSettings(OPTIONS, given));
  const output = new Output(options.json);
  if (options.list) return listStudies(output);
  const study = findStudy(name);
  const asked = {
    ...options,
    directory: options.out ?? path.join('runs', study.name + (options.quick ? '-quick' : '')),
  };
  checkQueueOptions(options, given);
  const { directory, quick, seeds, jobs, threads, data, queue } = options.resume ? resumed(study, asked, given) : asked;
  if (queue === null) noteCrowding(jobs, threads, output);
  const view = new RunsView(output, queue === null ? jobs : null);
  const interrupt = new Interrupt(() =>
    view.note('finishing the batches under way, then writing checkpoints; once more to quit at once'),
  );
  const execution = await openExecution(options, directory, version, (text) => view.note(`note: ${text}`));
  const since = performance.now();
  try {
    output.event('study', { study: study.name, directory, quick, seeds, jobs, threads });
    output.line(`${study.title}, in ${directory}`);
    const results = await runStudy(study, execution.executor, {
      directory,
      seeds,
      threads,
      quick,
      data,
      substitute: carriedDigits(),
      version,
      command: typedCommand(),
      signal: interrupt.signal,
      ...view.listeners,
    });
    view.close();
    const count = (status: string): number => results.filter((result) => result.status === status).length;
    const report = path.join(directory, 'report.html');
    if (interrupt.signal.aborted) {
      output.note(execution.goesOn('the same command again'));
      process.exitCode = interrupt.exitCode ?? 1;
      return;
    }
    const agreed = await execution.verified(output);
    output.event('done', {
      done: count('done'),
      diverged: count('diverged'),
      failed: count('failed'),
      seconds: (performance.now() - since) / 1000,
      directory,
      report: fs.existsSync(report) ? report : null,
    });
    output.line(
      `${plural(count('done'), 'run')} done, ${count('diverged')} diverged, ${count('failed')} failed, ` +
        `in ${roundedDuration((performance.now() - since) / 1000)}`,
    );
    if (fs.existsSync(report)) output.line(`report: ${report}`);
    if (count('failed') > 0 || !agreed) process.exitCode = 1;
  } finally {
    view.close();
    interrupt.close();
    await execution.close();
  }
}

function listStudies(output: Output): void {
  const width = Math.max(...STUDIES.map(({ name }) => name.length));
  for (const { name, title, dataset } of STUDIES) {
    output.event('study', { study: name, title, dataset });
    output.line(`${name.padEnd(width)}  ${title}`);
  }
}

function findStudy(name: string | undefined): Study {
  const names = STUDIES.map((study) => study.name);
  if (name === undefined) throw new UsageError(`say which study: ${names.join(', ')}`);
  const study = STUDIES.find((candidate) => candidate.name === name);
  if (study !== undefined) return study;
  const meant = nearest(name, names);
  throw new UsageError(
    `there is no study ${JSON.stringify(name)}; ` +
      (meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`),
  );
}

/** The options with those of the study on disk in place of those that were not given. */
function resumed<O extends { directory: string; quick: boolean; seeds: number | null; threads: number }>(
  study: Study,
  options: O,
  given: Record<string, unknown>,
): O {
  const manifest = readManifest(options.directory);
  if (manifest === null || manifest.study.name !== study.name)
    throw new UsageError(`there is no study ${study.name} in ${options.directory} to resume`);
  const { quick, seeds, threads } = manifest;
  return {
    ...options,
    quick: given.quick === undefined ? quick : options.quick,
    seeds: given.seeds === undefined ? seeds : options.seeds,
    threads: given.threads === undefined ? threads : options.threads,
  };
}
