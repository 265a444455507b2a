/** The import rules of the house, read off the import lines: imports of types count like all others. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../src');

const CORE = ['runtime', 'tensor', 'autograd', 'ops', 'nn', 'optim', 'data', 'io', 'train'];
/** What a program sees of the library: its entry points. The rooms below them are closed to the rooms above. */
const LIBRARY = ['index', 'node', 'recipes', 'text'];

/**
 * The rooms from the lowest to the highest, each with those that it may import besides itself: all of them stand above
 * its own line, so rooms cannot form a circle. A room is a folder of `src/`; `index` is `src/index.ts`.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  text: [],
  tensor: ['runtime'],
  autograd: ['runtime', 'tensor'],
  ops: ['runtime', 'tensor', 'autograd'],
  nn: ['runtime', 'tensor', 'autograd', 'ops'],
  optim: ['runtime', 'tensor', 'autograd'],
  data: ['runtime', 'tensor', 'ops'],
  io: ['runtime', 'tensor'],
  images: ['runtime', 'tensor', 'ops', 'data', 'io'],
  train: ['runtime', 'tensor', 'autograd', 'ops', 'nn', 'optim', 'data', 'io'],
  onnx: ['runtime', 'tensor', 'autograd', 'ops', 'nn'],
  tables: ['runtime', 'text', 'tensor', 'ops', 'data'],
  recipes: [...CORE, 'tables'],
  runs: [...CORE, 'images', 'tables', 'recipes'],
  slim: CORE,
  index: ['runtime', 'slim'],
  node: ['runtime', 'data', 'io', 'images', 'runs'],
  worker: [...CORE, 'recipes', 'slim'],
  formats: CORE,
  experiments: [...LIBRARY, 'runs'],
  report: [...LIBRARY, 'experiments'],
  studies: [...LIBRARY, 'runs', 'experiments', 'report'],
  sweep: [...LIBRARY, 'runs', 'experiments', 'report'],
  queue: [...LIBRARY, 'runs', 'experiments'],
  cli: [
    ...LIBRARY,
    'formats',
    'images',
    'onnx',
    'tables',
    'data',
    'runs',
    'experiments',
    'report',
    'studies',
    'sweep',
    'queue',
  ],
  browser: ['index', 'slim', 'text', 'data', 'recipes', 'worker'],
};

/** Commands that train and use one model: they do without the rooms for many runs, and what reports say of these. */
const COMMANDS = ['cli/train.ts', 'cli/eval.ts', 'cli/predict.ts'];
const MANY_RUNS = ['studies', 'sweep', 'queue', 'experiments'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

const files = fs
  .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.generated.ts'))
  .map((name) => name.split(path.sep).join('/'));

const imports: Import[] = files.flatMap((from) => {
  const code = fs.readFileSync(path.join(SRC, from), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [
    ...code.matchAll(/^(?:import|export)\s+(?:[\w\s{},*$]+?\s+from\s+)?'([^']+)';?$/gm),
    ...code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g),
  ].map(([text, to]) => ({ from, to: to!, text }));
});

const roomOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file.slice(0, -3));
const target = ({ from, to }: Import): string =>
  path.posix.normalize(path.posix.join(path.posix.dirname(from), to)).replace(/\.js$/, '.ts');
/** Imports within `src/`. `lanewise bench` and the page's benchmark reach into `bench/`, and its styles are no code. */
const local = imports.filter((line) => line.to.startsWith('.') && files.includes(target(line)));
const next = new Map<string, string[]>(files.map((file) => [file, []]));
for (const line of local) next.get(line.from)!.push(target(line));
const readable = (list: readonly Import[]): string[] => list.map(({ from, to }) => `${from} imports ${to}`);

/** Everything that `file` imports, directly or through others. */
function reach(file: string): Set<string> {
  const found = new Set<string>();
  const pending = [file];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const to of next.get(at)!) {
      if (found.has(to)) continue;
      found.add(to);
      pending.push(to);
    }
  }
  return found;
}

describe('architecture', () => {
  test('imports are found, those of types too', () => {
    expect(local.length).toBeGreaterThan(1000);
    expect(local.filter(({ text }) => /^import type\b/.test(text)).length).toBeGreaterThan(100);
    const generated = /\.generated\.js$/;
    expect(
      readable(
        imports.filter(
          (line) =>
            line.to.startsWith('.') && line.to.endsWith('.js') && !generated.test(line.to) && !local.includes(line),
        ),
      ).filter((text) => !/^(browser\/bench\/|cli\/bench\.ts)/.test(text)),
    ).toEqual([]);
  });

  test('every room is in the table, and may import rooms above it in the table only', () => {
    const rooms = Object.keys(ROOMS);
    expect([...new Set(files.map(roomOf))].sort()).toEqual([...rooms].sort());
    expect(
      rooms.flatMap((room, i) => ROOMS[room]!.filter((to) => !rooms.slice(0, i).includes(to)).map((to) => [room, to])),
    ).toEqual([]);
  });

  test('a room imports the rooms that the table gives it', () => {
    expect(
      readable(
        local.filter((line) => {
          const [from, to] = [roomOf(line.from), roomOf(target(line))];
          return from !== to && !ROOMS[from]!.includes(to);
        }),
      ),
    ).toEqual([]);
  });

  test('programs on the library take it by its entry points: there is one copy of it', () => {
    const entries = ['recipes', 'formats', 'images', 'onnx', 'node', 'data'];
    const alone = ['formats/kinds.ts', 'data/pictureLimits.ts'];
    expect(alone.filter((file) => next.get(file)!.length > 0)).toEqual([]);
    const programs = ['cli', 'experiments', 'report', 'studies', 'sweep', 'queue'];
    expect(
      readable(
        local.filter((line) => {
          const to = target(line);
          return (
            programs.includes(roomOf(line.from)) &&
            entries.includes(roomOf(to)) &&
            !to.endsWith('/index.ts') &&
            !alone.includes(to) &&
            !/^import type\b/.test(line.text)
          );
        }),
      ),
    ).toEqual([]);
  });

  test('files import each other in no circle', () => {
    const after = new Map(files.map((file) => [file, reach(file)]));
    const circles = files
      .filter((file) => after.get(file)!.has(file))
      .map((file) =>
        files
          .filter((other) => after.get(file)!.has(other) && after.get(other)!.has(file))
          .sort()
          .join(' '),
      );
    expect([...new Set(circles)]).toEqual([]);
  });

  test.each(COMMANDS)('%s reaches nothing of the rooms for many runs', (command) => {
    expect(files).toContain(command);
    expect([...reach(command)].filter((file) => MANY_RUNS.includes(roomOf(file)))).toEqual([]);
  });

  test('only ops, optim, the dataset gather and the sum of gradients name kernels', () => {
    const allowed = /^(ops|optim|runtime)\/|^data\/gather\.ts$|^autograd\/accumulate\.ts$/;
    expect(readable(local.filter(({ from, text }) => /\bkernels\b/.test(text) && !allowed.test(from)))).toEqual([]);
  });

  test('only runtime touches WebAssembly, its memory, or workers; the page starts its own', () => {
    const offenders = files.filter((file) => {
      if (roomOf(file) === 'runtime') return false;
      const code = fs.readFileSync(path.join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      if (roomOf(file) !== 'browser' && /\bnew Worker\b/.test(code)) return true;
      return /\bWebAssembly\.|\bmemory\.buffer\b|\bAtomics\./.test(code);
    });
    expect(offenders).toEqual([]);
  });

  test('only the command line, the experiments and *.node.ts files import node:*', () => {
    expect(
      readable(
        imports.filter(
          ({ from, to }) =>
            to.startsWith('node:') && !/^(cli|experiments|studies|sweep|queue|report)\/|\.node\.ts$/.test(from),
        ),
      ),
    ).toEqual([]);
  });

  test('the library imports no packages but those that are bundled into it', () => {
    const packages = imports.filter(
      ({ from, to }) =>
        !to.startsWith('.') &&
        !to.startsWith('node:') &&
        !/^(cli|experiments|studies|sweep|queue|report|browser)\//.test(from),
    );
    const bundled = ({ from, to }: Import) =>
      to === '@assemblyscript/loader' ||
      (to === 'fflate' && /^(formats|images)\//.test(from)) ||
      (to === 'papaparse' && from.startsWith('tables/')) ||
      (['onnx-buf', '@bufbuild/protobuf'].includes(to) && from.startsWith('onnx/'));
    expect(readable(packages.filter((line) => !bundled(line)))).toEqual([]);
  });
});
