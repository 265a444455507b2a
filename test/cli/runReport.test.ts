/** The report that `lanewise train` leaves. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { init } from '../../src/index.js';
import { runCommand } from './inProcess.js';
import { makeData, removeWorkspace, workspace } from './lanewise.js';

let data: string;
beforeAll(async () => {
  data = makeData();
  await init({ threads: 1 });
});
afterAll(removeWorkspace);

const train = (out: string, ...more: string[]) =>
  runCommand(['train', '--model', 'mlp', '--hidden', '4', '--data', data, '--threads', '1', '--out', out, ...more]);

test('stands in the directory of the run, and is written anew when the run is resumed', async () => {
  const out = path.join(workspace(), 'run');
  const first = await train(out, '--epochs', '2');
  const file = path.join(out, 'report.html');
  const html = () => fs.readFileSync(file, 'utf8');
  expect(html()).toMatch(/^<!doctype html>[\s\S]*<h1>mlp on mnist<\/h1>[\s\S]*Trained for 2 epochs/);
  expect(html()).toContain(String(first.at(-1)!.digest));
  expect(html()).toMatch(/Confusion matrix[\s\S]*<img src="data:image\/png;base64,/);
  const resumed = await runCommand(['train', '--resume', out, '--epochs', '3', '--threads', '1']);
  expect(html()).toContain('Trained for 3 epochs');
  expect(html()).toContain(String(resumed.at(-1)!.digest));
  expect(fs.readdirSync(out).filter((name) => /report/.test(name))).toEqual(['report.html']);
});

test('is left out with --no-report; where it cannot be written, the run is done all the same', async () => {
  const without = path.join(workspace(), 'without');
  await train(without, '--epochs', '1', '--no-report');
  expect(fs.existsSync(path.join(without, 'report.html'))).toBe(false);
  const blocked = path.join(workspace(), 'blocked');
  fs.mkdirSync(path.join(blocked, 'report.html', 'in the way'), { recursive: true });
  expect((await train(blocked, '--epochs', '1')).at(-1)).toMatchObject({ event: 'done', ended: 'epochs' });
});
