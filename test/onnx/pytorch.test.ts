/** Models that PyTorch's exporter wrote (test/onnx/fixtures/make.py) give what PyTorch gives, and can be trained. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { crossEntropy, init, manualSeed, noGrad, optim, randint, randn, scope, tensor } from '../../src/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';

beforeAll(() => init({ threads: 1 }));

interface Fixture {
  readonly file: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: number[];
  readonly x: number[];
  readonly outShape: number[];
  readonly y: number[];
}

const folder = path.join(import.meta.dirname, 'fixtures');
const fixtures = JSON.parse(fs.readFileSync(path.join(folder, 'cases.json'), 'utf8')) as Fixture[];
const read = (file: string) => fs.readFileSync(path.join(folder, file));

describe.each(fixtures)('$file of $shape', ({ file, dtype, shape, x, outShape, y }) => {
  test('gives what PyTorch gives, also when written and read again', () =>
    scope(() => {
      const model = importOnnx(read(file));
      const input = tensor(x, { shape, dtype });
      const largest = Math.max(...y.map(Math.abs));
      for (const own of [model, importOnnx(exportOnnx(model, input))]) {
        const output = noGrad(() => own.forward(input));
        expect(output.shape).toEqual(outShape);
        const values = output.data();
        y.forEach((want, i) => {
          expect(Math.abs(values[i]! - want), `element ${i}`).toBeLessThanOrEqual(2e-5 * largest);
        });
      }
    }));
});

test('a model of PyTorch is trained further, saved and loaded', () => {
  manualSeed(1);
  const model = importOnnx(read('resnet-17.onnx')).train();
  expect(model.inputs).toEqual([{ name: 'input', shape: ['batch', 3, 8, 8], dtype: 'float32' }]);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const [images, labels] = [randn([6, 3, 8, 8]), randint(0, 10, [6])];
  const losses = Array.from({ length: 30 }, () =>
    scope(() => {
      optimizer.zeroGrad();
      const loss = crossEntropy(model.forward(images), labels);
      loss.backward();
      optimizer.step();
      return loss.item();
    }),
  );
  expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);
  const copy = importOnnx(read('resnet-17.onnx'));
  copy.loadStateDict(model.stateDict());
  model.eval();
  expect(copy.forward(images).toArray()).toEqual(model.forward(images).toArray());
});
