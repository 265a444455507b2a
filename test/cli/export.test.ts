import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../src/formats/node/index.js';
import { init, noGrad, randn } from '../../src/index.js';
import { loadModel } from '../../src/node/index.js';
import { importOnnx } from '../../src/onnx/index.js';
import { lanewise, makeData, removeWorkspace, workspace } from './lanewise.js';

let best: string;
beforeAll(async () => {
  await init({ threads: 1 });
  const run = path.join(workspace(), 'run');
  const options = ['--model', 'mlp-bn', '--hidden', '16', '--data', makeData(), '--batch-size', '10', '--epochs', '2'];
  const { code, stderr } = await lanewise(['train', ...options, '--out', run]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  best = path.join(run, 'best.safetensors');
});
afterAll(removeWorkspace);

const named = (ending: string) => best.replace('safetensors', ending);

describe('lanewise export', () => {
  test('writes the model beside the checkpoint as ONNX: it computes the same with any batch', async () => {
    const { code, stderr, stdout } = await lanewise(['export', '--checkpoint', best]);
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: `${best} → ${named('onnx')}\n` });
    const imported = importOnnx(fs.readFileSync(named('onnx')));
    const { model } = loadModel(best, {});
    const x = randn([5, ...(imported.inputs[0]!.shape!.slice(1) as number[])]);
    const [want, got] = noGrad(() => [model.eval().forward(x), imported.forward(x)]);
    const values = want!.data();
    got!.data().forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThan(1e-5);
    });
  });

  test.each(['pt', 'npz'])('writes the weights as %s', async (format) => {
    const out = path.join(workspace(), `weights.${format}`);
    const { code, events } = await lanewise([
      'export',
      '--checkpoint',
      best,
      '--format',
      format,
      '--out',
      out,
      '--json',
    ]);
    expect({ code, events }).toEqual({ code: 0, events: [{ event: 'export', checkpoint: best, format, file: out }] });
    const { tensors } = decode(fs.readFileSync(out));
    const state = loadModel(best, {}).model.stateDict();
    expect(Object.keys(tensors)).toEqual(Object.keys(state));
    for (const [key, value] of Object.entries(state))
      expect(Array.from(tensors[key]!.data)).toEqual(Array.from(value.data()));
  });

  test('refuses an ending that is not that of the format, and formats that it does not know', async () => {
    const wrong = await lanewise(['export', '--checkpoint', best, '--format', 'pt', '--out', 'model.onnx']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/--out: model\.onnx does not end in \.pt/);
    expect((await lanewise(['export', '--checkpoint', best, '--format', 'h5'])).code).toBe(2);
  });
});
