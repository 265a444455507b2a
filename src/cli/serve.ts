/** `lanewise serve` */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type OptionTable, resolveSettings } from '../recipes/index.js';
import { grouped } from '../text/numbers.js';
import { examples } from './help.js';
import { Interrupt } from './interrupt.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { readDigits } from './servedDigits.js';
import { type Resource, startServer } from './server.js';
import { siteFiles } from './siteFiles.js';

const OPTIONS = {
  port: {
    kind: 'integer',
    minimum: 0,
    maximum: 65_535,
    default: 4280,
    value: 'N',
    help: 'port of this machine to listen on; 0: any that is free',
  },
  open: { kind: 'flag', default: false, help: 'open the page in the browser' },
  data: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'directory with the four files of MNIST',
    defaultHelp: 'as for train',
  },
  json: {
    kind: 'flag',
    default: false,
    help: 'print one JSON object per line (event listening) and nothing else on stdout',
  },
} as const satisfies OptionTable;

const EXAMPLES = examples(['lanewise serve --open', 'lanewise serve --port 8080 --data data/mnist']);

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('Serve a page, to this machine only, on which networks are trained and benchmarks run.');
  addOptions(command, 'Options:', OPTIONS);
  command.addHelpText('after', EXAMPLES).action(() => runServe(givenOptions(command)));
}

async function runServe(given: Record<string, unknown>): Promise<void> {
  const { port, open, data, json } = resolveSettings(OPTIONS, given);
  const output = new Output(json);
  // Beside the built command line, in the package.
  const site = siteFiles(fileURLToPath(new URL('./page', import.meta.url)));
  const digits = await readDigits(data);
  const resources = new Map<string, Resource>([...site, ...digits.files]);
  const server = await startServer(resources, port);
  const ended = new Promise<void>((resolve) => {
    const interrupt = new Interrupt(() => {
      server.close();
      process.exitCode = interrupt.exitCode!;
      interrupt.close();
      resolve();
    });
  });
  const { train, test, notes } = digits.about;
  for (const note of notes) output.note(`note: ${note}`);
  output.event('listening', { url: server.url, train, test });
  if (train > 0) output.line(`${grouped(train)} training and ${grouped(test)} test digits of MNIST`);
  output.line(`the page is at ${server.url} (the benchmarks at ${server.url}bench/); Ctrl-C ends it`);
  if (open) openInBrowser(server.url, output);
  await ended;
}

function openInBrowser(url: string, output: Output): void {
  const [program, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  const child = spawn(program!, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', (error) => output.note(`note: no browser could be opened (${error.message}); open ${url} in one`));
  child.unref();
}
