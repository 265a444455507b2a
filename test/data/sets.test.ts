/** Every data set of the registry: what is known of it, and that it can be read by its name. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DATASETS } from '../../src/data/sets.js';
import { ArgumentError } from '../../src/index.js';
import { loadDataset } from '../../src/node/index.js';
import { resolveTrainSettings } from '../../src/recipes/index.js';
import { idx } from '../support/idx.js';

test.each(Object.entries(DATASETS))('%s', async (name, facts) => {
  const [channels, height, width] = facts.shape;
  expect(facts.name).toBe(name);
  expect(new Set(facts.classes).size).toBe(facts.classes.length);
  expect([facts.mean.length, facts.std.length]).toEqual([channels, channels]);
  for (const value of [...facts.mean, ...facts.std]) expect(value > 0 && value < 1).toBe(true);
  expect(resolveTrainSettings({ dataset: name }).dataset).toBe(name);
  if (facts.files.format !== 'idx') return;

  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-set-'));
  try {
    const write = (file: string, dimensions: number[], values: number[]) =>
      fs.writeFileSync(path.join(directory, file), idx(8, dimensions, values));
    const labels = facts.classes.map((_, i) => i);
    for (const part of ['train', 't10k']) {
      write(`${part}-images-idx3-ubyte`, [labels.length, height, width], Array(labels.length * height * width).fill(9));
      write(`${part}-labels-idx1-ubyte`, [labels.length], labels);
    }
    const { train, test: held, ...known } = await loadDataset(facts.name, { data: directory });
    expect(train.x.shape).toEqual([labels.length, ...facts.shape]);
    expect(held.y.toArray()).toEqual(labels);
    expect(known).toMatchObject({ name, classes: facts.classes, mean: facts.mean, std: facts.std });
    train.dispose();
    held.dispose();
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
});

test('a data set that is not in the registry is not a setting', () => {
  expect(() => resolveTrainSettings({ dataset: 'emnist' })).toThrow(ArgumentError);
});
