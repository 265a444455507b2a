/** What is exported computes the same when it is imported again: each row of the case table, and networks. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  init,
  manualSeed,
  models,
  nn,
  noGrad,
  randint,
  randn,
  relu,
  scope,
  softmax,
  type Tensor,
} from '../../src/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { cases } from '../cases.js';
import type { Case } from '../support/case.js';
import { draw, tensorsOf } from '../support/inputs.js';
import { uniform } from '../support/random.js';

beforeAll(() => init({ threads: 1 }));

/** Operations that operator set 17 does not have: written as several, whose roundings differ. */
const SEVERAL =
  /^(norm, p = (3|1\.5)|(var|std)[ ,]|mean of int|bceWithLogits|adaptiveAvgPool2d|avgPool2d.*(ceil|divisor)|batchNorm.*training|groupNorm|dropout of everything|crossEntropy)/;
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

class Residual extends nn.Module {
  readonly first = new nn.Conv2d(4, 4, 3, { padding: 1 });
  readonly norm = new nn.BatchNorm2d(4);
  readonly scale = new nn.Parameter(randn([4, 1, 1]));
  forward(x: Tensor): Tensor {
    return relu(this.norm.forward(this.first.forward(x)).mul(this.scale).add(x));
  }
}

class Tokens extends nn.Module {
  readonly embedding = new nn.Embedding(11, 6);
  readonly norm = new nn.LayerNorm(6);
  readonly query = new nn.Linear(6, 6);
  readonly output = new nn.Linear(6, 3);
  forward(ids: Tensor): Tensor {
    const x = this.norm.forward(this.embedding.forward(ids));
    const weights = softmax(
      this.query
        .forward(x)
        .matmul(x.permute([0, 2, 1]))
        .mul(1 / Math.sqrt(6)),
    );
    return this.output.forward(weights.matmul(x).mean(1));
  }
}

type Build = () => readonly [model: nn.Module, example: (batch: number) => Tensor];
const images = (channels: number, size: number) => (batch: number) => randn([batch, channels, size, size]);
const { Conv2d, BatchNorm2d, ReLU, Linear, Flatten, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d } = nn;

/** Ten networks, by name. */
export const NETWORKS: Readonly<Record<string, Build>> = {
  mlp: () => [models.mlp({ hidden: [16, 8], batchNorm: true }), (n) => randn([n, 784])],
  lenet: () => [models.lenet5(), images(1, 28)],
  cnn: () => [models.cnn(), images(1, 28)],
  'mini ResNet': () => [models.miniResNet(), images(1, 28)],
  'residual block': () => [new Residual(), images(4, 6)],
  'depthwise and dilated': () => [
    new nn.Sequential(
      new Conv2d(4, 8, 3, { groups: 4, stride: 2, padding: 1 }),
      new nn.SiLU(),
      new Conv2d(8, 8, 3, { dilation: 2, padding: 'same' }),
      new nn.GroupNorm(2, 8),
      new nn.LeakyReLU(0.1),
      new AdaptiveAvgPool2d(1),
      new Flatten(),
      new Linear(8, 3),
    ),
    images(4, 9),
  ],
  'transposed convolution': () => [
    new nn.Sequential(
      new nn.ConvTranspose2d(3, 5, 3, { stride: 2, padding: 1, outputPadding: 1 }),
      new nn.ELU(),
      new AvgPool2d(2),
    ),
    images(3, 5),
  ],
  'gelu and layer norm': () => [
    new nn.Sequential(new Linear(7, 12), new nn.GELU(), new nn.LayerNorm(12), new Linear(12, 4), new nn.LogSoftmax(1)),
    (n) => randn([n, 5, 7]),
  ],
  tokens: () => [new Tokens(), (n) => randint(0, 11, [n, 5])],
  pools: () => [
    new nn.Sequential(
      new Conv2d(2, 4, 3),
      new BatchNorm2d(4),
      new ReLU(),
      new MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
      new AvgPool2d(2, { stride: 1 }),
      new nn.Dropout(0.5),
      new Flatten(),
      new Linear(16, 5),
      new nn.Softplus(),
      new nn.Sigmoid(),
    ),
    images(2, 7),
  ],
};

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
