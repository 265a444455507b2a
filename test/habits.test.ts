/** Habits that no formatter or linter checks: lengths of files and lines, imports of kernels, messages as data. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const ROOMS = ['src', 'bench', 'test', 'scripts', 'examples', 'assembly'];
/** A file has fewer lines, a line no more characters. */
const [LINES, COLUMNS] = [400, 120];

const files = execFileSync('git', ['ls-files', '--', ...ROOMS], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((name) => /\.(ts|mjs|js)$/.test(name) && !name.endsWith('.generated.ts'))
  .filter((name) => fs.existsSync(path.join(root, name)));
const linesOf = (name: string) => fs.readFileSync(path.join(root, name), 'utf8').replace(/\n$/, '').split('\n');

test('files are there', () => {
  expect(files.length).toBeGreaterThan(600);
});

test(`files have fewer than ${LINES} lines`, () => {
  const long = files.map((name) => `${name}: ${linesOf(name).length}`);
  expect(long.filter((entry) => Number(entry.split(': ')[1]) >= LINES)).toEqual([]);
});

test(`lines have at most ${COLUMNS} characters`, () => {
  const long = files.flatMap((name) =>
    linesOf(name).flatMap((line, i) => ([...line].length > COLUMNS ? [`${name}:${i + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

const assembly = files.filter((name) => name.startsWith('assembly/') && name.endsWith('.ts'));
const IMPORT = /^import [^;]*? from '([^']+)';$/gm;

describe.each(assembly)('%s', (name) => {
  const code = fs.readFileSync(path.join(root, name), 'utf8');
  const imports = [...code.matchAll(IMPORT)];

  test('has its imports at the top, in the order of their paths', () => {
    const paths = imports.map(([, from]) => from!);
    expect(paths).toEqual([...paths].sort());
    const last = imports.at(-1);
    const above = code.slice(0, last === undefined ? 0 : last.index + last[0].length);
    const others = above
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\/\/.*$/gm, '')
      .replace(IMPORT, '');
    expect(others.trim()).toBe('');
  });
});

/** What lists several problems below one title, and cuts off the name of the function that the title has already. */
const CUTS_OFF_A_NAME = ['src/onnx/export/index.ts'];

test('no code of src reads the message of an error', () => {
  const READS =
    /\bmessage!?\??\.(?:split|replace|replaceAll|match|matchAll|startsWith|endsWith|includes|indexOf|slice|search)\(/;
  const TESTS = /\.(?:test|exec)\([^)]*\bmessage\b/;
  const reading = files
    .filter((name) => name.startsWith('src/') && !CUTS_OFF_A_NAME.includes(name))
    .flatMap((name) =>
      linesOf(name).flatMap((line, i) => (READS.test(line) || TESTS.test(line) ? [`${name}:${i + 1}`] : [])),
    );
  expect(reading).toEqual([]);
});
