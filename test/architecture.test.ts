/** The import rules of the house, read off the import lines. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../src');

/** Folders from the lowest to the highest; each may import what stands in a row above its own, and itself. */
const LAYERS = [
  ['runtime'],
  ['tensor'],
  ['autograd'],
  ['ops'],
  ['nn', 'optim', 'data'],
  ['io'],
  ['train'],
  ['recipes', 'runs'],
  ['worker'],
  ['experiments', 'studies', 'sweep', 'report'],
  ['cli', 'browser'],
];

interface Import {
  from: string;
  to: string;
  text: string;
}

const files = fs
  .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.generated.ts'))
  .map((name) => name.split(path.sep).join('/'));

const imports: Import[] = files.flatMap((from) => {
  const code = fs.readFileSync(path.join(SRC, from), 'utf8');
  return [...code.matchAll(/^(?:import|export)\s+(?:[\w\s{},*$]+?\s+from\s+)?'([^']+)';?$/gm)].map(([text, to]) => ({
    from,
    to: to!,
    text,
  }));
});

/** The public entry points; a folder of '' stands for them. */
const ENTRIES = ['index.ts', 'slim/index.ts', 'node/index.ts', 'recipes/index.ts', 'worker/index.ts'];
/** What is bundled on its own, and so begins at an entry point as a user's program does. */
const PROGRAMS = ['worker/script.ts'];
const folderOf = (file: string) => (file.includes('/') && !ENTRIES.includes(file) ? file.split('/')[0]! : '');
const layerOf = (folder: string) => LAYERS.findIndex((row) => row.includes(folder));
const target = ({ from, to }: Import) =>
  path.posix.normalize(path.posix.join(path.posix.dirname(from), to)).replace(/\.js$/, '.ts');
const local = imports.filter(({ to }) => to.startsWith('.'));
const readable = (list: Import[]) => list.map(({ from, to }) => `${from} imports ${to}`);

describe('architecture', () => {
  test('imports are found at all', () => expect(local.length).toBeGreaterThan(10));

  test('every folder has its place', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => folder !== '' && layerOf(folder) < 0)).toEqual([]);
  });

  test('imports go one way', () => {
    expect(
      readable(
        local.filter((line) => {
          const [from, to] = [folderOf(line.from), folderOf(target(line))];
          if (from === '' || from === to || PROGRAMS.includes(line.from)) return false;
          // Rooms that make up the experiments may look into each other; the next test refuses circles.
          if (layerOf(from) === layerOf('experiments') && layerOf(to) === layerOf(from)) return false;
          // The experiments and the faces (`cli/`, `browser/`) look at the library as its users do: through the catalogues.
          if (to === '') return layerOf(from) < layerOf('experiments');
          return layerOf(to) >= layerOf(from);
        }),
      ),
    ).toEqual([]);
  });

  test('there are no import cycles', () => {
    const next = new Map(
      files.map((file) => [
        file,
        local.filter((line) => line.from === file && !/^\s*(import|export)\s+type\b/.test(line.text)).map(target),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
        return;
      }
      if (done.has(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test('only ops, optim, the dataset gather and the sum of gradients name kernels', () => {
    const allowed = /^(ops|optim|runtime)\/|^data\/gather\.ts$|^autograd\/accumulate\.ts$/;
    expect(readable(local.filter(({ from, text }) => /\bkernels\b/.test(text) && !allowed.test(from)))).toEqual([]);
  });

  test('only runtime touches WebAssembly, its memory, or workers; the page starts its own', () => {
    const offenders = files.filter((file) => {
      if (folderOf(file) === 'runtime') return false;
      const code = fs.readFileSync(path.join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      if (folderOf(file) !== 'browser' && /\bnew Worker\b/.test(code)) return true;
      return /\bWebAssembly\.|\bmemory\.buffer\b|\bAtomics\./.test(code);
    });
    expect(offenders).toEqual([]);
  });

  test('only the command line, the experiments and *.node.ts files import node:*', () => {
    expect(
      readable(
        imports.filter(
          ({ from, to }) =>
            to.startsWith('node:') && !/^(cli|experiments|studies|sweep|report)\/|\.node\.ts$/.test(from),
        ),
      ),
    ).toEqual([]);
  });

  test('the core imports no package but the loader, which is bundled', () => {
    const packages = imports.filter(
      ({ from, to }) =>
        !to.startsWith('.') &&
        !to.startsWith('node:') &&
        !/^(cli|experiments|studies|sweep|report|browser)\//.test(from),
    );
    expect(readable(packages.filter(({ to }) => to !== '@assemblyscript/loader'))).toEqual([]);
  });
});
