/** What is exported computes the same when it is imported again: each row of the case table, and networks. */
import { beforeAll, describe, expect, test } from 'vitest';
import { init, manualSeed, nn, noGrad, scope, type Tensor } from '../../src/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { cases } from '../cases.js';
import type { Case } from '../support/case.js';
import { draw, tensorsOf } from '../support/inputs.js';
import { uniform } from '../support/random.js';
import { NETWORKS } from './networks.js';

beforeAll(() => init({ threads: 1 }));

/** Operations that operator set 17 does not have: written as several, whose roundings differ. */
const SEVERAL = new RegExp(
  '^(norm, p = (3|1\\.5)|normalize .*p 3|log1p|(var|std)[ ,]|mean of int|bceWithLogits|adaptiveAvgPool|' +
    'avgPool2d.*(ceil|divisor)|batchNorm.*training|groupNorm|dropout of everything|crossEntropy)',
);
/** What has no operator at all. */
const NONE = /labelSmoothing/;

class Runs extends nn.Module<Tensor[], Tensor> {
  readonly #row: Case;
  constructor(row: Case) {
    super();
    this.#row = row;
  }
  forward(...inputs: Tensor[]): Tensor {
    return this.#row.run(...inputs);
  }
}

function check(row: Case): void {
  const random = uniform(row.name.length * 7919 + 17);
  const inputs = tensorsOf(
    row,
    row.inputs.map((input) => draw(input, random)),
  );
  const write = () => exportOnnx(new Runs(row), inputs, { dynamicBatch: false });
  if (NONE.test(row.name)) return expect(write).toThrow(/smoothed labels have no operator/);
  const [want, got] = noGrad(() => [row.run(...inputs), importOnnx(write()).forward(...inputs)]);
  expect(got!.shape).toEqual(want!.shape);
  expect(got!.dtype).toBe(want!.dtype);
  const [mine, theirs] = [Array.from(want!.data()), Array.from(got!.data())];
  if (!SEVERAL.test(row.name)) return expect(theirs).toEqual(mine);
  const largest = Math.max(1, ...mine.filter(Number.isFinite).map(Math.abs));
  mine.forEach((value, i) => {
    if (!Object.is(value, theirs[i])) expect(Math.abs(value - theirs[i]!)).toBeLessThanOrEqual(1e-5 * largest);
  });
}

describe('every row of the case table', () => {
  for (const [family, rows] of Object.entries(cases)) {
    test(family, () => {
      for (const row of rows) {
        // The large rows are about tiles of kernels.
        if (row.inputs.some(({ shape }) => shape.reduce((size, length) => size * length, 1) > 5000)) continue;
        try {
          scope(() => check(row));
        } catch (error) {
          throw new Error(`${row.name}: ${(error as Error).message}`);
        }
      }
    }, 120_000);
  }
});

describe('networks', () => {
  for (const [name, build] of Object.entries(NETWORKS)) {
    test(`${name}: the same bits with any size of batch, and when exported again`, () =>
      scope(() => {
        manualSeed(7);
        const [model, example] = build();
        // Statistics of some batch, so that evaluation has something to show.
        noGrad(() => model.train().forward(example(6)));
        model.eval();
        const before = model.buffers().map((buffer) => buffer.toArray());
        const imported = importOnnx(exportOnnx(model, example(2)));
        expect(model.buffers().map((buffer) => buffer.toArray())).toEqual(before);
        expect(
          imported
            .parameters()
            .map(({ size }) => size)
            .sort(),
        ).toEqual(
          model
            .parameters()
            .map(({ size }) => size)
            .sort(),
        );
        const again = importOnnx(exportOnnx(imported, example(3)));
        for (const batch of [1, 5]) {
          const x = example(batch);
          // Gradients are recorded here, so nothing is folded.
          const want = Array.from(model.forward(x).data());
          expect(Array.from(imported.forward(x).data())).toEqual(want);
          expect(Array.from(again.forward(x).data())).toEqual(want);
        }
      }));
  }
});
