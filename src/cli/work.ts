/** `lanewise work` */
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import type { RunResult } from '../experiments/result.js';
import { parseQueueAddress } from '../queue/address.js';
import { connect } from '../queue/connection.js';
import { work } from '../queue/work.js';
import { type OptionTable, resolveSettings } from '../recipes/index.js';
import { percent, plural, roundedDuration } from '../text/numbers.js';
import { examples } from './help.js';
import { Interrupt } from './interrupt.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { noteCrowding } from './runtime.js';
import { checkUsage, UsageError } from './usage.js';

const EXAMPLES = examples(
  [
    'lanewise work --queue redis://host:6379/lab --jobs 4',
    'lanewise sweep --param lr=log:1e-4:1e-1:8 --queue redis://host:6379/lab --verify 0.1',
  ],
  'Any number of workers on any machines may come and go. A run whose worker goes away is given to another one; ' +
    'with the same seed it gives the same bits there.',
);

const OPTIONS = {
  queue: { kind: 'text', default: null, value: 'URL', help: 'the queue: redis://HOST:PORT/NAME' },
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
    default: null,
    value: 'N',
    help: 'threads of each run',
    defaultHelp: 'as many as the submitter asks for',
  },
  data: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'where to look for data sets before they are fetched from the submitter',
  },
  out: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'for checkpoints and data sets that were fetched',
    defaultHelp: 'lanewise-work in the directory for temporary files',
  },
  lease: {
    kind: 'number',
    minimum: 1,
    maximum: 3600,
    default: 15,
    value: 'S',
    help: 'seconds after which a run is given to another worker when this one no longer answers',
  },
  runs: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: null,
    value: 'N',
    help: 'end after so many runs',
    defaultHelp: 'go on',
  },
  json: {
    kind: 'flag',
    default: false,
    help: 'print one JSON object per line (events work, start, result, done) and nothing else on stdout',
  },
} as const satisfies OptionTable;

export function addWorkCommand(program: Command, version: string): void {
  const command = program.command('work').description('Execute the runs that others submit to a queue.');
  addOptions(command, 'Options:', OPTIONS);
  command.addHelpText('after', EXAMPLES).action(() => runWork(givenOptions(command), version));
}

async function runWork(given: Record<string, unknown>, version: string): Promise<void> {
  const options = checkUsage(() => resolveSettings(OPTIONS, given));
  const { queue, jobs, threads, data, lease, runs } = options;
  if (queue === null) throw new UsageError('say which queue: --queue redis://HOST:PORT/NAME');
  const address = checkUsage(() => parseQueueAddress(queue));
  const output = new Output(options.json);
  const directory = options.out ?? path.join(os.tmpdir(), 'lanewise-work');
  noteCrowding(jobs, threads ?? 1, output);
  const onNote = (text: string): void => output.note(text);
  const connection = await connect(address, onNote);
  const interrupt = new Interrupt(() =>
    output.note('handing the runs back with their checkpoints; once more to quit at once'),
  );
  const since = performance.now();
  try {
    output.event('work', { queue: address.shown, jobs, directory });
    output.line(`working at ${address.shown}, ${plural(jobs, 'run')} at a time; Ctrl-C ends it`);
    const executed = await work(connection, {
      jobs,
      threads,
      directory: path.resolve(directory),
      data: data === null ? null : path.resolve(data),
      lease,
      runs,
      version,
      signal: interrupt.signal,
      onNote,
      onStart: ({ request: { id } }) => {
        output.event('start', { run: id });
        output.line(`${id}  begins`);
      },
      onEnd: ({ request: { id } }, end) => {
        const failed = !('status' in end);
        output.event('result', { run: id, ...(failed ? end : { status: end.status, digest: end.digest }) });
        output.line(`${id}  ${failed ? `failed: ${end.error}` : describe(end)}`);
      },
    });
    output.event('done', { runs: executed, seconds: (performance.now() - since) / 1000 });
    output.line(`${plural(executed, 'run')} done, in ${roundedDuration((performance.now() - since) / 1000)}`);
    if (interrupt.signal.aborted) process.exitCode = interrupt.exitCode ?? 1;
  } finally {
    interrupt.close();
    connection.close();
  }
}

function describe({ status, finalTestAccuracy, seconds }: RunResult): string {
  const accuracy = finalTestAccuracy === null ? '' : `, accuracy ${percent(finalTestAccuracy)}`;
  return `${status}${accuracy}  ${roundedDuration(seconds)}`;
}
