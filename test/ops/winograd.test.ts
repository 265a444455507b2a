/** 3×3 convolutions by Winograd's transforms against a plain double-precision sum, and the option that avoids them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, conv2d, init, memory, relu, scope, type Tensor, tensor, zeros } from '../../src/index.js';
import { convolve } from '../../src/ops/conv/passes.js';
import { setGuards } from '../../src/runtime/guards.js';
import { addressOf } from '../../src/tensor/tensor.js';
import { uniform } from '../support/random.js';

beforeAll(async () => {
  await init({ threads: 1 });
  setGuards(true);
});

const random = uniform(3);
const values = (size: number) => Float32Array.from({ length: size }, () => random() * 2 - 1);

interface Sizes {
  n: number;
  c: number;
  h: number;
  w: number;
  o: number;
  pad: readonly [number, number];
}

/** y, dx, dWeight of sum(y·g) in double precision. */
function plain(
  { n, c, h, w, o, pad: [top, left] }: Sizes,
  x: Float32Array,
  weight: Float32Array,
  bias: Float32Array,
  g: Float32Array,
) {
  const [oh, ow] = [h + 2 * top - 2, w + 2 * left - 2];
  const y = new Float64Array(n * o * oh * ow);
  const [dx, dWeight] = [new Float64Array(x.length), new Float64Array(weight.length)];
  for (let image = 0; image < n; image++)
    for (let to = 0; to < o; to++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++) {
          const at = ((image * o + to) * oh + i) * ow + j;
          let sum = bias[to]!;
          for (let from = 0; from < c; from++)
            for (let u = 0; u < 3; u++)
              for (let v = 0; v < 3; v++) {
                const [row, column] = [i + u - top, j + v - left];
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                const [xAt, wAt] = [((image * c + from) * h + row) * w + column, ((to * c + from) * 3 + u) * 3 + v];
                sum += weight[wAt]! * x[xAt]!;
                dx[xAt]! += weight[wAt]! * g[at]!;
                dWeight[wAt]! += x[xAt]! * g[at]!;
              }
          y[at] = sum;
        }
  return { y, dx, dWeight };
}

/** Largest error, relative to the largest value. */
function error(got: Tensor, want: Float64Array): number {
  const view = got.view();
  expect(view.length).toBe(want.length);
  let [worst, largest] = [0, 0];
  want.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(view[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  });
  return view.some(Number.isNaN) ? NaN : worst / largest;
}

function errors(sizes: Sizes, precision?: 'fast' | 'precise') {
  return scope(() => {
    const { n, c, h, w, o, pad } = sizes;
    const [oh, ow] = [h + 2 * pad[0] - 2, w + 2 * pad[1] - 2];
    const [xs, ws, bs, gs] = [values(n * c * h * w), values(o * c * 9), values(o), values(n * o * oh * ow)];
    const want = plain(sizes, xs, ws, bs, gs);
    const x = tensor(xs, { shape: [n, c, h, w], requiresGrad: true });
    const weight = tensor(ws, { shape: [o, c, 3, 3], requiresGrad: true });
    const y = conv2d(x, weight, tensor(bs), { padding: pad, ...(precision && { precision }) });
    y.backward({ gradient: tensor(gs, { shape: y.shape }) });
    const result = [error(y, want.y), error(x.grad!, want.dx), error(weight.grad!, want.dWeight)];
    x.zeroGrad();
    weight.zeroGrad();
    return result;
  });
}

const cases: Sizes[] = [
  { n: 1, c: 8, h: 3, w: 3, o: 8, pad: [0, 0] },
  { n: 4, c: 8, h: 4, w: 4, o: 8, pad: [1, 1] },
  { n: 5, c: 9, h: 7, w: 5, o: 11, pad: [1, 1] },
  { n: 3, c: 17, h: 6, w: 13, o: 10, pad: [0, 2] },
  { n: 9, c: 8, h: 14, w: 14, o: 12, pad: [1, 1] },
  { n: 6, c: 16, h: 28, w: 28, o: 16, pad: [1, 1] },
  { n: 33, c: 10, h: 7, w: 7, o: 9, pad: [2, 1] },
  { n: 2, c: 12, h: 3, w: 70, o: 20, pad: [1, 0] },
  { n: 1, c: 32, h: 14, w: 14, o: 33, pad: [1, 1] },
];

describe('value and gradients within 1e-5 of the largest', () => {
  for (const sizes of cases) {
    test(JSON.stringify(sizes), () => {
      const before = memory().bytes;
      for (const got of errors(sizes)) expect(got).toBeLessThan(1e-5);
      expect(memory().bytes).toBe(before);
    });
  }

  test('precise is ten times closer', () => {
    for (const got of errors(cases[3]!, 'precise')) expect(got).toBeLessThan(1e-6);
    expect(Math.max(...errors(cases[5]!, 'precise'))).toBeLessThan(Math.max(...errors(cases[5]!)));
  });
});

describe('an image has the same bits, and so has its gradient, alone and in a batch', () => {
  test.each([
    [8, 28, 12],
    [9, 14, 8],
    [16, 7, 11],
    [8, 5, 8],
  ])('%i channels of %i², to %i', (c, size, o) =>
    scope(() => {
      const [images, filter] = [values(5 * c * size * size), values(o * c * 9)];
      const run = (data: Float32Array, n: number) => {
        const x = tensor(data, { shape: [n, c, size, size], requiresGrad: true });
        const y = conv2d(x, tensor(filter, { shape: [o, c, 3, 3] }), null, { padding: 1 });
        y.backward({ gradient: y.detach() });
        return [y, x.grad!].map((result) => result.data());
      };
      const together = run(images, 5);
      for (let image = 0; image < 5; image++) {
        run(images.slice(image * c * size * size, (image + 1) * c * size * size), 1).forEach((alone, i) => {
          expect(alone).toEqual(together[i]!.slice(image * alone.length, (image + 1) * alone.length));
        });
      }
    }),
  );
});

test('the ReLU that is taken along gives the bits of one afterwards: NaN stays', () =>
  scope(() => {
    const [n, c, size, o] = [3, 9, 6, 10];
    const data = values(n * c * size * size);
    data[20] = NaN;
    const [x, weight, bias] = [
      tensor(data, { shape: [n, c, size, size] }),
      tensor(values(o * c * 9), { shape: [o, c, 3, 3] }),
      tensor(values(o)),
    ];
    const want = relu(conv2d(x, weight, bias, { padding: 1 }));
    const got = zeros(want.shape);
    convolve(
      {
        images: n,
        channels: c,
        height: size,
        width: size,
        outChannels: o,
        outHeight: size,
        outWidth: size,
        kernelHeight: 3,
        kernelWidth: 3,
        strideY: 1,
        strideX: 1,
        top: 1,
        left: 1,
        dilationY: 1,
        dilationX: 1,
        groups: 1,
        precise: false,
      },
      addressOf(got),
      addressOf(x),
      addressOf(weight),
      addressOf(bias),
      true,
    );
    expect(got.data()).toEqual(want.data());
    expect([...got.data()].some(Number.isNaN)).toBe(true);
    expect([...got.data()].filter((value) => value === 0).length).toBeGreaterThan(100);
  }));

test('an empty batch gives an empty result and zero gradients', () =>
  scope(() => {
    const x = tensor(new Float32Array(0), { shape: [0, 8, 5, 5], requiresGrad: true });
    const weight = tensor(values(8 * 8 * 9), { shape: [8, 8, 3, 3], requiresGrad: true });
    const y = conv2d(x, weight, null, { padding: 1 });
    expect(y.shape).toEqual([0, 8, 5, 5]);
    y.backward({ gradient: tensor(new Float32Array(0), { shape: [0, 8, 5, 5] }) });
    expect(weight.grad!.data().every((value) => value === 0)).toBe(true);
  }));

test('an unknown precision is refused', () =>
  scope(() => {
    const x = tensor(values(8 * 25), { shape: [1, 8, 5, 5] });
    expect(() =>
      conv2d(x, tensor(values(8 * 8 * 9), { shape: [8, 8, 3, 3] }), null, { precision: 'exact' as 'precise' }),
    ).toThrow(ArgumentError);
  }));
