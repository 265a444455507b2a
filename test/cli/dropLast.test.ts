/** `lanewise train` with a last batch that the model cannot be trained on. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lanewise, makeData, removeWorkspace, workspace } from './lanewise.js';

let data: string;
beforeAll(() => {
  data = makeData();
});
afterAll(removeWorkspace);

/** 21 images in batches of 10, 10 and 1. */
const train = (out: string, ...more: string[]) =>
  lanewise([
    'train',
    '--model',
    'mlp-bn',
    '--hidden',
    '8',
    '--data',
    data,
    '--limit',
    '21',
    '--batch-size',
    '10',
    '--epochs',
    '2',
    '--json',
    '--out',
    out,
    ...more,
  ]);

test('it is refused before the first step, with the remedy, and nothing is written', async () => {
  const out = path.join(workspace(), 'refused');
  const result = await train(out);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/^error: fit: the model cannot be trained on the last batch of an epoch, which has 1 /);
  expect(result.stderr).toMatch(/\(the first has 10\)[\s\S]*hint: .*--drop-last.*another --batch-size/);
  expect(result.stderr).not.toMatch(/ {4}at /);
  expect(fs.existsSync(out)).toBe(false);
});

test('--drop-last leaves it out, also when the run is resumed', async () => {
  const [whole, out] = ['whole', 'stopped'].map((name) => path.join(workspace(), name)) as [string, string];
  const want = (await train(whole, '--drop-last')).events;
  expect(want[0]).toMatchObject({ event: 'start', config: { dropLast: true } });
  expect(want.at(-1)).toMatchObject({ event: 'done', steps: 4 });
  await train(out, '--drop-last', '--steps', '1');
  const resumed = await lanewise(['train', '--resume', out, '--epochs', '2', '--json']);
  expect(resumed.events.at(-1)).toMatchObject({ digest: want.at(-1)!.digest, steps: 4 });
});

test('a run that is not to reach it begins; one that was begun without the setting goes on without it', async () => {
  const out = path.join(workspace(), 'older');
  expect((await train(out, '--steps', '2')).events.at(-1)).toMatchObject({ event: 'done', steps: 2 });
  const file = path.join(out, 'config.json');
  const { dropLast, ...config } = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  expect(dropLast).toBe(false);
  fs.writeFileSync(file, JSON.stringify(config));
  const again = await lanewise(['train', '--resume', out, '--json']);
  expect(again.events[0]).toMatchObject({ event: 'start', config: { dropLast: false } });
  expect(again.events.at(-1)).toMatchObject({ event: 'done', steps: 2 });
  const [before, further] = [
    fs.readdirSync(out).sort(),
    await lanewise(['train', '--resume', out, '--epochs', '1', '--json']),
  ];
  expect(further.code).toBe(1);
  expect(further.stderr).toMatch(/^error: fit: the model cannot be trained on the last batch/);
  expect(fs.readdirSync(out).sort()).toEqual(before);
});

test('images that do not fill a batch are refused with --drop-last', async () => {
  const out = path.join(workspace(), 'none');
  const result = await train(out, '--drop-last', '--batch-size', '50');
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/^error: --drop-last: 21 images do not fill a batch of 50/);
  expect(fs.existsSync(out)).toBe(false);
});
