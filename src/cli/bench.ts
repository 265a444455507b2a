/** `lanewise bench` */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { Ceilings, Report, Row } from '../../bench/report.js';
import * as lanewise from '../index.js';
import { loadMnist, writeFileAtomic } from '../node/index.js';
import { type OptionTable, resolveSettings } from '../recipes/index.js';
import { plural } from '../text/numbers.js';
import { examples } from './help.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { RUN_OPTIONS } from './runOptions.js';
import { startRuntime } from './runtime.js';
import { checkUsage, UsageError } from './usage.js';

const OPTIONS = {
  filter: {
    kind: 'text',
    default: null,
    value: 'REGEXP',
    help: 'measure the rows whose names match, of all rows of the bench (such as conv3x3 or ^train/)',
    defaultHelp: 'a selection, which takes about half a minute',
  },
  threads: { ...RUN_OPTIONS.threads, default: 1, defaultHelp: '1', help: 'threads to compute with' },
  wide: RUN_OPTIONS.wide,
  save: { kind: 'text', default: null, value: 'FILE', help: 'write the results to this file, as JSON' },
  compare: {
    kind: 'text',
    default: null,
    value: 'FILE',
    help: 'say what became slower or faster than in this file, which {save} wrote',
  },
  json: {
    kind: 'flag',
    default: false,
    help: 'print one JSON object per line (events start, row, note, done) and nothing else on stdout',
  },
} as const satisfies OptionTable;

const EXAMPLES = examples(
  ['lanewise bench', 'lanewise bench --filter ^train/ --threads 2', 'lanewise bench --wide --save wide.json'],
  'Each row is checked against plain arithmetic, then timed in turn with a loop of multiplies and adds, or of ' +
    'copies, that does nothing else: the ceiling. Other libraries are measured beside it in the repository ' +
    '(npm run bench).',
);

export function addBenchCommand(program: Command, version: string): void {
  const command = program
    .command('bench')
    .description('Measure the kernels, training and inference on this machine, and compare its bits.');
  addOptions(command, 'Options:', OPTIONS);
  command.addHelpText('after', EXAMPLES).action(() => runBench(givenOptions(command), version));
}

/** A row in columns: below 80 characters with the names that there are. */
const columns = (name: string, ms: string, speed: string, share: string): string =>
  `${name.padEnd(38)} ${ms.padStart(9)} ${speed.padStart(14)} ${share.padStart(10)}`;

const three = (value: number): string => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));

async function runBench(given: Record<string, unknown>, version: string): Promise<void> {
  const options = checkUsage(() => resolveSettings(OPTIONS, given));
  const output = new Output(options.json);
  const before = options.compare === null ? null : readReport(options.compare);
  if (options.save !== null) checkPlace(options.save);
  // All that only this command needs is read only here.
  const [{ cases }, { SELECTION }, { measureInProcess }, { FIXED_RUN_DIGEST, fixedRun }, { CEILING_FILES }] =
    await Promise.all([
      import('../../bench/cases.js'),
      import('../../bench/selection.js'),
      import('../../bench/inProcess.js'),
      import('../../bench/fixedRun.js'),
      import('./ceilingFiles.js'),
    ]);
  const { compareReports, historyText } = await import('../../bench/compare.js');
  const names = options.filter === null ? SELECTION : namesLike(options.filter, cases);
  const { threads, variant } = await startRuntime(options.threads, output, options.wide);
  const machine = {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: os.availableParallelism(),
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    date: new Date().toISOString(),
    versions: { lanewise: version },
    absent: {},
  };
  const rows: Row[] = [];
  let ceilings: Ceilings | undefined;
  let wrong = 0;
  await measureInProcess(names, {
    lanewise,
    threads,
    wide: variant === 'wide',
    files: CEILING_FILES,
    digits,
    onCeilings: (measured) => {
      ceilings = measured;
      output.event('start', { machine, ceilings, runtime: lanewise.runtimeInfo(), rows: names });
      output.line(`${machine.cpu}, ${plural(machine.cores, 'core')}, ${machine.system}, Node ${machine.node}`);
      output.line(`${plural(threads, 'thread')}, ${variant} kernels; ceilings of one thread: ${ceilingText(measured)}`);
      output.line('');
      output.line(columns('', 'ms', 'speed', 'of ceiling'));
    },
    onBegin: () => {},
    onRow: (row) => {
      rows.push(row);
      output.event('row', row);
      const { bound, bytes } = cases.find(({ name }) => name === row.name)!;
      const speed = bound === 'copy' ? `${three(bytes / row.medianMs / 1e6)} GB/s` : `${three(row.gflops)} GFLOP/s`;
      const share = row.percentOfCeiling === null ? '' : `${row.percentOfCeiling.toFixed(0)} %`;
      output.line(columns(row.name, three(row.medianMs), speed, share));
    },
    onNote: (name, note, isWrong) => {
      if (isWrong) wrong++;
      output.event('note', { name, note });
      output.line(`${name}: ${note}`);
    },
  });
  const digest = fixedRun(lanewise);
  const agrees = digest === FIXED_RUN_DIGEST;
  const report: Report = { machine, ceilings: ceilings!, rows };
  output.line('');
  output.line(`digest ${digest}`);
  output.line(
    agrees
      ? 'of 100 training steps: the same bits as on other machines'
      : `of 100 training steps: NOT the bits of other machines,\n       ${FIXED_RUN_DIGEST}`,
  );
  output.line('');
  output.line('to paste into an issue:');
  output.line(summary(report, { threads, variant, agrees }));
  if (options.save !== null) writeFileAtomic(options.save, `${JSON.stringify(report, null, 1)}\n`);
  const comparison = before === null ? null : compareReports(before, report, THRESHOLD);
  if (comparison !== null) output.line(`\n${historyText(comparison)}`);
  output.event('done', { digest, agrees, ...(comparison !== null && { comparison }) });
  if (wrong > 0 || !agrees) process.exitCode = 1;
}

/** The least change that is told, a share. */
const THRESHOLD = 0.05;

function namesLike(filter: string, cases: readonly { readonly name: string }[]): string[] {
  let pattern: RegExp;
  try {
    pattern = new RegExp(filter);
  } catch (error) {
    throw new UsageError(`--filter: ${(error as Error).message}`);
  }
  const names = cases.map(({ name }) => name).filter((name) => pattern.test(name));
  if (names.length > 0) return names;
  const families = [...new Set(cases.map(({ name }) => name.split('/')[0]))];
  throw new UsageError(`--filter: no row matches ${filter}; the families are ${families.join(', ')}`);
}

/** @throws {UsageError} when the file has no results of this command */
function readReport(file: string): Report {
  let report: Partial<Report>;
  try {
    report = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<Report>;
  } catch (error) {
    throw new UsageError(`--compare: ${file} cannot be read: ${(error as Error).message}`);
  }
  if (!Array.isArray(report?.rows) || typeof report.ceilings !== 'object')
    throw new UsageError(`--compare: ${file} has no results of lanewise bench --save`);
  return report as Report;
}

/** @throws {UsageError} where no file can be written: before anything is measured */
function checkPlace(file: string): void {
  try {
    if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a directory');
    fs.accessSync(path.dirname(file), fs.constants.W_OK);
  } catch (error) {
    throw new UsageError(`--save: ${file} cannot be written: ${(error as Error).message}`);
  }
}

async function digits() {
  const { train, test } = await loadMnist();
  const [images, classes] = train.batch(Int32Array.from({ length: Math.min(train.length, 25_000) }, (_, i) => i));
  const read = { images: images.data() as Float32Array, classes: classes.data() as Int32Array };
  for (const thing of [train, test, images, classes]) thing.dispose();
  return read;
}

function ceilingText({ mulAddGflops, copyGBps }: Ceilings): string {
  const value = (speed: number | null, unit: string) => (speed === null ? 'unknown' : `${three(speed)} ${unit}`);
  return `${value(mulAddGflops, 'GFLOP/s')}, ${value(copyGBps, 'GB/s')}`;
}

/** All of it in one line. */
function summary(
  { machine, ceilings, rows }: Report,
  { threads, variant, agrees }: { readonly threads: number; readonly variant: string; readonly agrees: boolean },
): string {
  return [
    `lanewise ${machine.versions.lanewise}, Node ${machine.node}, ${machine.system}, ${machine.cpu}`,
    `${plural(threads, 'thread')}, ${variant}, ceilings ${ceilingText(ceilings)}`,
    rows.map(({ name, medianMs }) => `${name} ${three(medianMs)}`).join(', '),
    `bits ${agrees ? 'equal' : 'differ'}`,
  ].join('; ');
}
