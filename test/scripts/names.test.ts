/** What a minified program prints: errors, layers and optimizers keep their names. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { expect, test } from 'vitest';
import * as source from '../../src/index.js';

const dist = path.resolve(import.meta.dirname, '../../dist');

async function minified(): Promise<typeof source> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-names-'));
  try {
    const outfile = path.join(folder, 'bundle.mjs');
    const entryPoints = [path.join(dist, 'index.js')];
    await esbuild.build({ entryPoints, bundle: true, minify: true, format: 'esm', outfile, logLevel: 'error' });
    return (await import(pathToFileURL(outfile).href)) as typeof source;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const derived = (members: object): [string, { readonly name: string }][] =>
  Object.entries(members).filter(
    ([, value]) => typeof value === 'function' && /^class\b.*?\bextends\b/.test(String(value)),
  );

test('of a minified program are as in the library', async () => {
  const lw = await minified();
  for (const [members, own] of [
    [lw, source],
    [lw.nn, source.nn],
    [lw.optim, source.optim],
  ] as const) {
    const names = (from: object) => derived(from).map(([key, { name }]) => `${key} is ${name}`);
    expect(names(members).sort()).toEqual(names(own).sort());
  }
  expect(derived(lw.nn).length).toBeGreaterThan(20);
  expect(String(new lw.nn.Sequential(new lw.nn.Linear(2, 3), new lw.nn.ReLU()))).toMatch(
    /^Sequential\(\n {2}\(0\): Linear\(.*\)\n {2}\(1\): ReLU\(\)\n\)$/,
  );
  class Mine extends lw.nn.Linear {}
  expect(String(new Mine(2, 3))).toMatch(/^Mine\(/);
  expect(() => lw.add(lw.ones([2]), lw.ones([3]))).toThrow(expect.objectContaining({ name: 'ShapeError' }) as Error);
});
