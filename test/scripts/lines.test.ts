/** Node shows the line that an uncaught error was thrown from: what is built has lines that can be shown. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const dist = path.resolve(import.meta.dirname, '../../dist');
const scripts = (folder: string): string[] =>
  fs
    .readdirSync(path.join(dist, folder))
    .filter((name) => name.endsWith('.js'))
    .map((name) => path.join(folder, name));
/** The command line is not minified, and has lines of the packages in it. */
const library = ['.', 'chunks', 'cjs', 'cjs/chunks'].flatMap(scripts).filter((name) => name !== 'cli.js');

test('no line of the library is longer than 1,000 characters', () => {
  expect(library.length).toBeGreaterThan(20);
  const long = library.filter((name) =>
    fs
      .readFileSync(path.join(dist, name), 'utf8')
      .split('\n')
      .some((line) => line.length > 1_000),
  );
  expect(long).toEqual([]);
});

test.each([
  ['an ES module', 'index.js', 'import'],
  ['CommonJS', 'cjs/index.js', 'require'],
])('an uncaught error from %s prints less than 2 kB', (_what, file, how) => {
  const load =
    how === 'import'
      ? `await import(${JSON.stringify(path.join(dist, file))})`
      : `require(${JSON.stringify(path.join(dist, file))})`;
  const program = `const { bceWithLogits, ones } = ${load}; bceWithLogits(ones([2, 3]), ones([6]));`;
  const type = how === 'import' ? 'module' : 'commonjs';
  const { status, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '-e', program], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('ShapeError: bceWithLogits: logits of shape [2, 3] for targets of shape [6]');
  expect(stderr.length).toBeLessThan(2_000);
});
