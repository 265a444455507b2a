/** `lanewise train --dataset table`, and `eval` and `predict` with its model. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { uniform } from '../support/random.js';
import { lanewise } from './lanewise.js';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-table-'));
afterAll(() => fs.rmSync(directory, { recursive: true }));
const at = (name: string): string => path.join(directory, name);

const random = uniform(3);
const TOWNS = ['Bath', 'Leeds', 'York'];
const houses = Array.from({ length: 120 }, (_, i) => {
  const [rooms, town] = [1 + Math.floor(6 * random()), Math.floor(3 * random())];
  return `h${i},${rooms},${TOWNS[town]},${50 + 40 * rooms + 60 * town}`;
});
fs.writeFileSync(at('houses.csv'), `id,rooms,town,price\n${houses.join('\n')}\n`);
fs.writeFileSync(at('new.csv'), 'town,rooms\nYork,6\nBath,1\n');
fs.writeFileSync(at('bad.csv'), 'town,rooms\nYork,many\n');

/** The events that a command printed. */
const eventsOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('lanewise with a table', { timeout: 120_000 }, () => {
  const data = ['--dataset', 'table', '--data', at('houses.csv')];

  test('a regression: train, eval, predict', async () => {
    const args = [...data, '--target', 'price', '--epochs', '25', '--batch-size', '8', '--threads', '1'];
    const trained = await lanewise(['train', ...args, '--out', at('price'), '--no-report', '--json']);
    expect(trained.stderr).toContain('regression of price; numbers: rooms; categories: town');
    expect(trained.stderr).toContain('column "id" has 120 different texts, and is left out');
    const events = eventsOf(trained.stdout);
    const last = events.filter(({ event }) => event === 'epoch').at(-1)!;
    expect(last).toMatchObject({ trainAccuracy: null, testAccuracy: null });
    expect((last.testMetrics as { r2: number }).r2).toBeGreaterThan(0.9);
    expect(events.at(-1)).toMatchObject({ event: 'done', bestTestAccuracy: null });

    const evaluated = await lanewise(['eval', '--checkpoint', at('price'), '--data', at('houses.csv'), '--json']);
    expect(eventsOf(evaluated.stdout)[0]).toMatchObject({ dataset: 'table', images: 120, testAccuracy: null });

    const predicted = await lanewise(['predict', '--checkpoint', at('price'), at('new.csv')]);
    const [header, york, bath] = predicted.stdout.trim().split('\n');
    expect(header).toBe('row,price');
    expect(Number(york!.split(',')[1])).toBeGreaterThan(2 * Number(bath!.split(',')[1]));

    const bad = await lanewise(['predict', '--checkpoint', at('price'), at('bad.csv')]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/row 2, column "rooms": "many" is not a number/);
  });

  test('a classification, its predictions in a file', async () => {
    const args = [...data, '--target', 'town', '--ignore', 'id', '--epochs', '3', '--threads', '1'];
    const trained = await lanewise(['train', ...args, '--out', at('town'), '--no-report']);
    expect(trained.stdout).toMatch(/mlp on table: 96 training and 24 test rows/);
    expect(trained.stdout).toMatch(/epoch 3\/3 .*test loss [\d.]+, [\d.]+ %, F1 [\d.]+ %/);
    fs.writeFileSync(at('rows.csv'), 'rooms;price\n6;410\n');
    const predicted = await lanewise(['predict', '--checkpoint', at('town'), '--out', at('p.csv'), at('rows.csv')]);
    expect(predicted.stdout).toContain('1 prediction in');
    expect(fs.readFileSync(at('p.csv'), 'utf8')).toMatch(
      /^row,town,P\(Bath\),P\(Leeds\),P\(York\)\n2,(Bath|Leeds|York),/,
    );
  });

  test('what is missing is said', async () => {
    expect((await lanewise(['train', ...data])).stderr).toContain('--target: say which column of the table to predict');
    expect((await lanewise(['train', '--dataset', 'table', '--target', 'price'])).stderr).toContain('--data');
    expect((await lanewise(['train', ...data, '--target', 'prise'])).stderr).toContain('did you mean price?');
    expect((await lanewise(['train', ...data, '--target', 'price', '--model', 'lenet5'])).stderr).toContain(
      'mlp or mlp-bn',
    );
  });
});
