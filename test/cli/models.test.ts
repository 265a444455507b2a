/** Whole models of other programs on the command line: ONNX and TensorFlow.js, and the directories of runs. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { init, nn, permute, softmax, type Tensor, zeros } from '../../src/index.js';
import { loadModel } from '../../src/node/index.js';
import { exportOnnx } from '../../src/onnx/index.js';
import { FIXTURES } from '../formats/expected.js';
import { runCommand } from './inProcess.js';
import { digit, makeData, makePng, removeWorkspace, workspace } from './lanewise.js';

const run = () => path.join(workspace(), 'run');
const ONE = ['--threads', '1'];
let data: string;
let png: string;

const last = (events: Record<string, unknown>[]) => events.at(-1)!;
const evaluate = async (file: string, ...flags: string[]) =>
  last(await runCommand(['eval', '--checkpoint', file, '--data', data, ...ONE, ...flags]));
const predict = async (file: string, ...flags: string[]) =>
  last(await runCommand(['predict', '--checkpoint', file, png, ...flags]));

beforeAll(async () => {
  data = makeData();
  png = makePng('three.png', { width: 28, height: 28, channels: 1, data: digit(3, () => 0.5) });
  const model = ['--model', 'mlp-bn', '--hidden', '8', '--normalize', '--dataset', 'mnist'];
  await runCommand(['train', ...model, '--epochs', '3', '--batch-size', '20', '--data', data, '--out', run(), ...ONE]);
  await init({ threads: 1 });
});
afterAll(removeWorkspace);

/** Writes the trained model as ONNX, between `before` and `after`. */
function written(
  name: string,
  { before = (x) => x, after = (y) => y }: { before?: (x: Tensor) => Tensor; after?: (y: Tensor) => Tensor },
  example: readonly number[],
  dynamicBatch = true,
): string {
  class Wrapped extends nn.Module<[Tensor], Tensor> {
    readonly inner = loadModel(path.join(run(), 'best.safetensors')).model;
    forward(x: Tensor): Tensor {
      return after(this.inner.forward(before(x)));
    }
  }
  const file = path.join(workspace(), name);
  fs.writeFileSync(file, exportOnnx(new Wrapped().eval(), zeros([...example]), { dynamicBatch }));
  return file;
}

function expectSame(got: Record<string, unknown>, want: Record<string, unknown>): void {
  expect(got).toMatchObject({ class: want.class, label: want.label });
  (got.probabilities as number[]).forEach((share, i) => {
    expect(Math.abs(share - (want.probabilities as number[])[i]!)).toBeLessThan(1e-5);
  });
}

test('the directory of a run stands for its best weights', async () => {
  expect(await evaluate(run())).toEqual(await evaluate(path.join(run(), 'best.safetensors')));
  expect(await predict(run())).toEqual(await predict(path.join(run(), 'best.safetensors')));
  await expect(predict(workspace())).rejects.toThrow('is a directory without best.safetensors');
});

describe('ONNX', () => {
  test('from lanewise export: predict and eval need no other options', async () => {
    const { file } = last(await runCommand(['export', '--checkpoint', run(), '--format', 'onnx']));
    expectSame(await predict(file as string), await predict(run()));
    const [got, want] = [await evaluate(file as string), await evaluate(run())];
    expect(got).toMatchObject({ images: 60, testAccuracy: want.testAccuracy });
    expect(got.testLoss).toBeCloseTo(want.testLoss as number, 5);
  });

  test.each([
    ['a fixed batch', {}, [1, 1, 28, 28], false],
    ['a fixed batch of 7', {}, [7, 1, 28, 28], false],
    ['channels last', { before: (x: Tensor) => permute(x, [0, 3, 1, 2]) }, [1, 28, 28, 1], true],
    ['images without channels', { before: (x: Tensor) => x.unsqueeze(1) }, [1, 28, 28], true],
    ['vectors', { before: (x: Tensor) => x.reshape([x.shape[0]!, 1, 28, 28]) }, [1, 784], true],
    ['probabilities as outputs', { after: (y: Tensor) => softmax(y, 1) }, [1, 1, 28, 28], true],
  ] as const)('of others, with %s', async (name, parts, example, dynamicBatch) => {
    const file = written(`${name}.onnx`, parts, example, dynamicBatch);
    const about = ['--dataset', 'mnist', '--normalize'];
    expectSame(await predict(file, ...about), await predict(run()));
    const [got, want] = [await evaluate(file, ...about), await evaluate(run())];
    expect(got.testAccuracy).toBe(want.testAccuracy);
    expect(got.testLoss).toBeCloseTo(want.testLoss as number, 4);
  });

  test('says what the file lacks, and which flag gives it', async () => {
    const file = written('bare.onnx', {}, [1, 1, 28, 28]);
    const what = 'give the data set that it was trained on, or the names of its classes';
    await expect(predict(file)).rejects.toMatchObject({ hint: what, options: ['dataset', 'labels'] });
    const labels = path.join(workspace(), 'labels.txt');
    fs.writeFileSync(labels, 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n');
    const byFile = await predict(file, '--labels', labels);
    expect(await predict(file, '--labels', 'a,b,c,d,e,f,g,h,i,j')).toEqual(byFile);
    expect(byFile.label).toBe('abcdefghij'[byFile.class as number]);
    await expect(evaluate(file, '--labels', labels)).rejects.toThrow('does not say which data set');
    await expect(predict(file, '--labels', 'a,b')).rejects.toThrow('not a score for each of 2 classes');
    await expect(predict(file, '--dataset', 'cifar10')).rejects.toThrow('[1, 28, 28]');
    await expect(predict(file, '--labels', labels, '--normalize')).rejects.toMatchObject({ options: ['dataset'] });
    await expect(predict(file, '--model', 'mlp')).rejects.toThrow('--model');
  });

  test('import lists inputs, outputs and tensors, and evaluates', async () => {
    const file = written('listed.onnx', {}, [1, 1, 28, 28]);
    const [listed, evaluated] = await runCommand([
      'import',
      file,
      '--dataset',
      'mnist',
      '--normalize',
      '--data',
      data,
      ...ONE,
    ]);
    expect(listed).toMatchObject({
      format: 'onnx',
      opset: 17,
      inputs: [{ name: 'input', shape: ['batch', 1, 28, 28], dtype: 'float32' }],
      outputs: [{ name: 'output', shape: ['batch', 10], dtype: 'float32' }],
    });
    expect((listed!.tensors as unknown[]).length).toBeGreaterThan(4);
    expect(evaluated).toMatchObject({ event: 'eval', testAccuracy: (await evaluate(run())).testAccuracy });
  });

  test('export writes its weights, and the model again', async () => {
    const file = written('again.onnx', {}, [1, 1, 28, 28]);
    await runCommand(['export', '--checkpoint', file, '--format', 'safetensors']);
    expect(fs.existsSync(file.replace('onnx', 'safetensors'))).toBe(true);
    const out = path.join(workspace(), 'twice.onnx');
    await runCommand(['export', '--checkpoint', file, '--format', 'onnx', '--out', out]);
    expectSame(await predict(out, '--dataset', 'mnist'), await predict(file, '--dataset', 'mnist'));
  });
});

test('a model of TensorFlow.js that is not for such pictures is refused by what it takes', async () => {
  await expect(predict(path.join(FIXTURES, 'tfjs/mlp'), '--dataset', 'mnist')).rejects.toThrow(
    'it takes [5], and the images of its data set are [1, 28, 28]',
  );
  await expect(predict(path.join(FIXTURES, 'tfjs/mlp'), '--labels', 'a,b,c')).rejects.toThrow(
    'does not say how large pictures are',
  );
});

test('a model of TensorFlow.js classifies pictures, by its directory or its file', async () => {
  for (const place of ['tfjs/flatten-normalised', 'tfjs/flatten-normalised/model.json'])
    expect(await predict(path.join(FIXTURES, place), '--labels', 'a,b')).toMatchObject({ event: 'prediction' });
});
