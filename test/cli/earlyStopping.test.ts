/** `lanewise train --early-stopping` */
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

const place = (name: string) => path.join(workspace(), name);
/** A learning rate of 0: no epoch is better than the first. */
const still = (out: string, ...more: string[]) => {
  const model = ['--model', 'mlp', '--hidden', '4', '--lr', '0', '--data', data, '--threads', '1'];
  return runCommand(['train', ...model, '--early-stopping', '2', '--out', out, ...more]);
};
const epochs = (events: Record<string, unknown>[]) => events.filter(({ event }) => event === 'epoch').length;

test('ends the run after so many epochs without a better test accuracy', async () => {
  const events = await still(place('early'), '--epochs', '9');
  expect(events[0]).toMatchObject({ config: { earlyStopping: 2, epochs: 9 } });
  expect(epochs(events)).toBe(3);
  expect(events.at(-1)).toMatchObject({ event: 'done', ended: 'early' });
});

test('a run that is resumed counts the epochs before, and cannot be given another number', async () => {
  const out = place('resumed');
  expect((await still(out, '--epochs', '2')).at(-1)).toMatchObject({ ended: 'epochs' });
  const resume = ['train', '--resume', out, '--epochs', '9', '--threads', '1'];
  await expect(runCommand([...resume, '--early-stopping', '3'])).rejects.toThrow('--early-stopping cannot be given');
  const events = await runCommand(resume);
  expect(epochs(events)).toBe(1);
  expect(events.at(-1)).toMatchObject({ ended: 'early' });
});

test('refuses 0', async () => {
  await expect(still(place('none'), '--early-stopping', '0')).rejects.toThrow('0 is not allowed');
});
