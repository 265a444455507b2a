/** The command line of `npm run bench`. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import type * as LanewiseNode from '../src/node/index.js';
import { cases } from './cases.js';
import { gather, PEERS, type Peer, root } from './contenders.js';
import { axes, type Growth, growthTable, measureGrowth } from './growth.js';
import type { Digits } from './inputs.js';
import { describe, machineOf } from './machine.js';
import { ceilingSpeed, type Effort, measure } from './measure.js';
import { type CaseProfile, measureProfile, profileText } from './profile.js';
import { measureReach, type Reached, reachTable, recipes } from './reach.js';
import { type Ceilings, heading, noteList, type Report, type Row, rowsOf, rowTables } from './report.js';
import { drawRoofline, rooflineOf, rooflineTable } from './roofline.js';
import { quartiles } from './statistics.js';
import type { Case } from './work.js';

interface Options {
  readonly filter?: RegExp;
  readonly threads: readonly number[];
  readonly fast: boolean;
  readonly wide: boolean;
  readonly node?: string;
  readonly peers: readonly Peer[];
  readonly json?: string;
  readonly rounds?: number;
  readonly quick: boolean;
  readonly list: boolean;
  readonly growth: boolean;
  readonly profile: boolean;
  readonly accuracy: boolean;
  readonly from?: string;
  readonly roofline?: string | true;
}

const THOROUGH: Effort = { rounds: 7, roundMs: 200, warmUpMs: 400 };
const QUICK: Effort = { rounds: 2, roundMs: 20, warmUpMs: 20 };

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function counts(text: string): number[] {
  const list = text.split(',').map(Number);
  if (list.some((count) => !Number.isInteger(count) || count < 1))
    throw new InvalidArgumentError('give whole numbers, such as 1,2.');
  return list;
}

function peerList(text: string): Peer[] {
  if (text === 'none') return [];
  const names = text.split(',');
  const unknown = names.find((name) => !PEERS.includes(name as Peer));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no peer ${unknown}; known are ${PEERS.join(', ')}.`);
  return names as Peer[];
}

const cores = os.availableParallelism();

const program = new Command('npm run bench --')
  .description('Times kernels and whole training steps against the limits of this machine and against other libraries.')
  .option('--filter <pattern>', 'only rows whose name matches this regular expression', pattern)
  .option('--threads <counts>', 'numbers of threads, by commas', counts, cores === 1 ? [1] : [1, cores])
  .option('--fast', 'the relaxed-SIMD kernels too', false)
  .option('--wide', 'the wide kernels too (Node 24 and later: docs/wide.md)', false)
  .option('--node <program>', 'the Node that runs lanewise; peers and ceilings run in this one')
  .option('--peers <names>', `of ${PEERS.join(', ')}; or none`, peerList, [...PEERS])
  .option('--json <file>', 'write the results there too')
  .option(
    '--rounds <count>',
    `rounds in which everyone takes a turn (default: ${THOROUGH.rounds})`,
    (text) => counts(text)[0]!,
  )
  .option('--quick', 'little time for each row: to see that all works, not for figures', false)
  .option('--list', 'print the names of the rows and stop', false)
  .option('--growth', 'how the cost grows with batch, width, depth, threads and data set, instead of the rows', false)
  .option(
    '--profile',
    'where the time of lanewise goes, kernel by kernel, and how much memory it ' +
      'takes, on one thread, instead of the times',
    false,
  )
  .option(
    '--accuracy',
    'how long it takes to tell the test digits of MNIST right, by several recipes, instead of the rows',
    false,
  )
  .option('--from <file>', 'measure nothing: print the tables of a file that --json wrote')
  .option(
    '--roofline [picture.svg]',
    'with --from: what limits each kernel and how near it comes, as a table (and a picture)',
  )
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- --filter '^train/' --threads 1 --json train.json
  npm run bench -- --filter 'sgemm|conv3x3' --peers none
  node bench/run.mjs --node ./node26/bin/node --wide --json wide.json
  npm run bench:history before.json after.json`,
  );

program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
await main(program.parse().opts<Options>());

async function main(options: Options): Promise<void> {
  if (options.growth) {
    await growth(options);
    return;
  }
  if (options.accuracy) {
    await accuracy(options);
    return;
  }
  const chosen = cases.filter(({ name }) => options.filter?.test(name) ?? true);
  if (options.list) {
    for (const { name } of chosen) console.log(name);
    return;
  }
  if (options.from !== undefined) {
    const report = JSON.parse(fs.readFileSync(options.from, 'utf8')) as Report;
    const names = new Set(chosen.map(({ name }) => name));
    const rows = report.rows.filter(({ name }) => names.has(name));
    if (options.roofline !== undefined) {
      const points = rooflineOf({ rows }, cases);
      console.log(rooflineTable(points));
      if (options.roofline !== true) await drawRoofline(options.roofline, points, report);
      return;
    }
    console.log(`${heading(report)}\n\n${rowTables(rows, cases)}`);
    return;
  }
  if (options.roofline !== undefined)
    program.error('error: --roofline needs --from FILE, a file that --json wrote', { exitCode: 2 });
  if (chosen.length === 0)
    program.error(`error: no row matches ${options.filter}; --list prints them`, { exitCode: 2 });
  if (options.profile) {
    await profile(chosen, options);
    return;
  }
  const effort = effortOf(options);

  const field = await gather(options.threads, options, options.peers);
  const { entrants, absent } = field;
  try {
    if (!entrants.some(({ who }) => who === 'lanewise'))
      throw new Error(`lanewise does not run: ${absent.lanewise ?? Object.values(absent)[0]} (npm run build makes it)`);
    progress(`taking part: ${describe(entrants)}`);
    const keeper = entrants.find(({ who }) => who === 'ceiling');
    const top = async (ceiling: 'mulAdd' | 'fma' | 'copy') => {
      const speeds: number[] = [];
      for (let round = 0; round < effort.rounds && keeper !== undefined; round++) {
        const speed = await ceilingSpeed(keeper, ceiling, 4e6, effort.roundMs);
        if (speed !== null) speeds.push(speed / 1e6);
      }
      return speeds.length === 0 ? null : Number(quartiles(speeds).median.toPrecision(4));
    };
    const ceilings: Ceilings = {
      mulAddGflops: await top('mulAdd'),
      fmaGflops: await top('fma'),
      copyGBps: await top('copy'),
    };
    const machine = machineOf(field);
    console.log(heading({ machine, ceilings }));

    const rows: Row[] = [];
    const notes: [string, readonly string[]][] = [];
    for (const [i, row] of chosen.entries()) {
      progress(`${i + 1} of ${chosen.length}: ${row.name}`);
      try {
        const measured = await measure(row, entrants, effort, digits);
        rows.push(...rowsOf(row, measured));
        notes.push([row.name, measured.notes]);
        if (!measured.correct) process.exitCode = 1;
      } catch (error) {
        notes.push([row.name, [(error as Error).message]]);
        process.exitCode = 1;
      }
      // After every row: who stops a long run keeps what it measured.
      if (options.json !== undefined)
        fs.writeFileSync(options.json, `${JSON.stringify({ machine, ceilings, rows } satisfies Report, null, 2)}\n`);
    }
    console.log(`\n${rowTables(rows, chosen)}`);
    const list = noteList(notes);
    if (list !== '') console.log(`\n### Notes\n\n${list}`);
  } finally {
    for (const { client } of entrants) client.stop();
  }
}

function effortOf({ quick, rounds }: Options): Effort {
  const preset = quick ? QUICK : THOROUGH;
  return { ...preset, rounds: rounds ?? preset.rounds };
}

/**
 * Prints the tables of growth; with --json, `{ machine, growth }` goes there. One thread, or what --threads says first.
 */
async function growth(options: Options): Promise<void> {
  const chosen = axes.filter(({ name }) => options.filter?.test(name) ?? true);
  if (chosen.length === 0)
    program.error(
      `error: nothing grows that matches ${options.filter}: there are ${axes.map(({ name }) => name).join('; ')}`,
      { exitCode: 2 },
    );
  const field = await gather([], {}, []);
  for (const { client } of field.entrants) client.stop();
  const machine = machineOf(field);
  const measured: Growth[] = [];
  for (const axis of chosen) {
    progress(axis.name);
    const grown = await measureGrowth(axis, options.threads[0]!, effortOf(options), digits);
    measured.push(grown);
    console.log(`${measured.length === 1 ? '' : '\n'}${growthTable(grown)}`);
  }
  if (options.json !== undefined)
    fs.writeFileSync(options.json, `${JSON.stringify({ machine, growth: measured }, null, 2)}\n`);
}

/** Prints a table for each recipe; with --json, `{ machine, reached }` goes there. */
async function accuracy(options: Options): Promise<void> {
  const chosen = recipes.filter(({ name }) => options.filter?.test(name) ?? true);
  if (chosen.length === 0)
    program.error(
      `error: no recipe matches ${options.filter}: there are ${recipes.map(({ name }) => name).join('; ')}`,
      { exitCode: 2 },
    );
  const field = await gather(
    options.threads,
    {},
    options.peers.filter((peer) => peer === 'pytorch'),
  );
  for (const { client } of field.entrants) client.stop();
  const machine = machineOf(field);
  const reached: Reached[] = [];
  for (const recipe of chosen) {
    progress(recipe.name);
    const runs = await measureReach(
      options.quick ? { ...recipe, epochs: 1 } : recipe,
      options.threads,
      'pytorch' in machine.versions,
      options.rounds ?? (options.quick ? 1 : 3),
    );
    console.log(`${reached.length === 0 ? '' : '\n'}${reachTable(runs)}`);
    reached.push(...runs);
  }
  if (options.json !== undefined) fs.writeFileSync(options.json, `${JSON.stringify({ machine, reached }, null, 2)}\n`);
}

/** Prints a profile of each case; with --json, `{ machine, profiles }` goes there. */
async function profile(chosen: readonly Case[], options: Options): Promise<void> {
  const machine = machineOf({ entrants: [], absent: {} });
  const profiles: CaseProfile[] = [];
  for (const row of chosen) {
    progress(row.name);
    profiles.push(await measureProfile(row, effortOf(options), digits));
    console.log(`${profiles.length === 1 ? '' : '\n'}${profileText(profiles.at(-1)!)}`);
  }
  if (options.json !== undefined) fs.writeFileSync(options.json, `${JSON.stringify({ machine, profiles }, null, 2)}\n`);
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${line}\n`);
}

let loaded: Promise<Digits> | undefined;

/** MNIST's training images, read once. */
function digits(): Promise<Digits> {
  return (loaded ??= (async () => {
    const { loadMnist } = (await import(pathToFileURL(path.join(root, 'dist/node.js')).href)) as typeof LanewiseNode;
    const { train } = await loadMnist({ subset: false });
    const [images, classes] = train.batch(Int32Array.from({ length: 25_000 }, (_, i) => i));
    return { images: images.data() as Float32Array, classes: classes.data() as Int32Array };
  })());
}
