/** `lanewise import` and `lanewise export`, and files of PyTorch and NumPy for the other commands. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../src/formats/node/index.js';
import { decodeSafetensors, FileFormatError } from '../../src/index.js';
import { FIXTURES } from '../formats/expected.js';
import { runCommand } from './inProcess.js';
import { digit, makeData, makePng, removeWorkspace, workspace } from './lanewise.js';

const run = () => path.join(workspace(), 'run');
const weights = () => path.join(run(), 'best.safetensors');
const MODEL = ['--model', 'mlp', '--hidden', '8', '--dataset', 'mnist'];
const ONE = ['--threads', '1'];
let data: string;

const last = (events: Record<string, unknown>[]) => events.at(-1)!;

beforeAll(async () => {
  data = makeData();
  await runCommand(['train', ...MODEL, '--epochs', '1', '--batch-size', '20', '--data', data, '--out', run(), ...ONE]);
});
afterAll(removeWorkspace);

describe('export', () => {
  test.each(['pt', 'npz'])('%s has the same tensors, beside the checkpoint', async (format) => {
    const event = last(await runCommand(['export', '--checkpoint', weights(), '--format', format]));
    const file = path.join(run(), `best.${format}`);
    expect(event).toEqual({ event: 'export', checkpoint: weights(), format, file });
    const { tensors } = decodeSafetensors(new Uint8Array(fs.readFileSync(weights())));
    expect({ ...(await load(file)).tensors }).toEqual({ ...tensors });
  });

  test('back to safetensors, into a file of choice', async () => {
    const out = path.join(workspace(), 'again.safetensors');
    const pt = path.join(run(), 'best.pt');
    await runCommand(['export', '--checkpoint', pt, '--format', 'safetensors', '--out', out]);
    expect(Object.keys((await load(out)).tensors)).toHaveLength(4);
  });

  test('not over the checkpoint itself', async () => {
    await expect(runCommand(['export', '--checkpoint', weights(), '--format', 'safetensors'])).rejects.toThrow(
      'is the checkpoint itself',
    );
  });
});

describe('files of PyTorch and NumPy', () => {
  test.each(['pt', 'npz'])('eval, predict and train --init take .%s', async (format) => {
    const file = path.join(run(), `best.${format}`);
    const evaluated = ['--data', data, ...ONE];
    const wanted = last(await runCommand(['eval', '--checkpoint', weights(), ...evaluated]));
    const got = last(await runCommand(['eval', '--checkpoint', file, ...MODEL, ...evaluated]));
    expect(got).toEqual({ ...wanted, checkpoint: file });

    const png = makePng('three.png', { width: 28, height: 28, channels: 1, data: digit(3, () => 0.5) });
    const predict = (checkpoint: string) => runCommand(['predict', '--checkpoint', checkpoint, ...MODEL, png]);
    expect(await predict(file)).toEqual(await predict(weights()));

    const out = path.join(workspace(), `from-${format}`);
    const begun = ['--epochs', '1', '--batch-size', '20', '--data', data, '--out', out, ...ONE];
    expect(last(await runCommand(['train', ...MODEL, ...begun, '--init', file]))).toMatchObject({ event: 'done' });
  });

  test('one that is hostile or damaged is refused', async () => {
    const whole = path.join(FIXTURES, 'whole-model.pt');
    await expect(runCommand(['eval', '--checkpoint', whole, ...MODEL, '--data', data])).rejects.toThrow(
      FileFormatError,
    );
  });
});

describe('import', () => {
  test('lists the tensors', async () => {
    const file = path.join(FIXTURES, 'mlp.pt');
    expect(await runCommand(['import', file, ...ONE])).toEqual([
      {
        event: 'import',
        file,
        format: 'pytorch',
        values: 39,
        tensors: [
          { name: '0.weight', dtype: 'float32', shape: [4, 5], values: 20 },
          { name: '0.bias', dtype: 'float32', shape: [4], values: 4 },
          { name: '2.weight', dtype: 'float32', shape: [3, 4], values: 12 },
          { name: '2.bias', dtype: 'float32', shape: [3], values: 3 },
        ],
      },
    ]);
  });

  test('takes a part, and values that are not exact', async () => {
    const part = last(
      await runCommand(['import', path.join(FIXTURES, 'adam.pt'), '--key', 'model_state_dict', ...ONE]),
    );
    expect(part.tensors).toHaveLength(4);
    const inexact = path.join(FIXTURES, 'float64-inexact.pt');
    await expect(runCommand(['import', inexact, ...ONE])).rejects.toThrow('is not exact in float32');
    expect(last(await runCommand(['import', inexact, '--lossy', ...ONE]))).toMatchObject({ values: 4 });
  });

  test('reads models of TensorFlow.js', async () => {
    const event = last(await runCommand(['import', path.join(FIXTURES, 'tfjs/mlp/model.json'), ...ONE]));
    expect(event).toMatchObject({ format: 'tfjs-layers', values: 39 });
  });

  test('evaluates where the model is given', async () => {
    const file = path.join(run(), 'best.pt');
    const [listed, evaluated] = await runCommand(['import', file, ...MODEL, '--data', data, ...ONE]);
    const wanted = last(await runCommand(['eval', '--checkpoint', weights(), '--data', data, ...ONE]));
    expect(listed).toMatchObject({ event: 'import' });
    expect(evaluated).toEqual({ ...wanted, checkpoint: file });
  });
});
