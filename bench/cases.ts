/** Every row of the table. */
import { fastCnn, gpt, lenet5, lstm, miniResNet, mlp, networkFlops, parametersOf, smallCnn } from './networks.js';
import type { Case, Network, OptimizerName, Pass, Samples } from './work.js';

const product = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);

function matmul(m: number, n: number, k: number): Case {
  return {
    name: `sgemm/${m}x${n}x${k}`,
    work: { kind: 'matmul', m, n, k },
    flops: 2 * m * n * k,
    bytes: 4 * (m * k + k * n + m * n),
    bound: 'compute',
  };
}

function linear(rows: number, inputs: number, out: number, samples: Samples = 'random'): Case[] {
  return (['forward', 'backward-input', 'backward-weight'] as const).map((pass) => ({
    name: `linear/${rows}x${inputs}-${out}${samples === 'mnist' ? '-mnist' : ''}/${pass}`,
    work: { kind: 'linear', pass, rows, in: inputs, out, samples },
    flops: 2 * rows * inputs * out,
    bytes: 4 * (rows * inputs + rows * out + inputs * out),
    bound: 'compute',
  }));
}

function conv(
  channels: number,
  size: number,
  out: number,
  kernel: number,
  { stride = 1, padding = (kernel - 1) / 2, images = 100 } = {},
): Case[] {
  const after = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const extra = `${stride === 1 ? '' : `-stride${stride}`}${padding === (kernel - 1) / 2 ? '' : `-padding${padding}`}`;
  return (['forward', 'backward-input', 'backward-weight'] as const).map((pass) => ({
    name: `conv${kernel}x${kernel}/${channels}x${size}x${size}-${out}${extra}/${pass}`,
    work: { kind: 'conv', pass, images, channels, height: size, width: size, out, kernel, stride, padding },
    flops: 2 * images * out * after ** 2 * channels * kernel ** 2,
    bytes: 4 * (images * channels * size ** 2 + images * out * after ** 2 + out * channels * kernel ** 2),
    bound: 'compute',
  }));
}

/** Passes over whole arrays: `bytes` and `flops` are per element of x, forward and backward. */
function passes(
  kind: 'batchNorm' | 'relu' | 'maxPool' | 'averagePool',
  shape: readonly number[],
  bytes: Readonly<Record<Pass, number>>,
  flops: Readonly<Record<Pass, number>>,
): Case[] {
  return (['forward', 'backward'] as const).map((pass) => ({
    name: `${kind}/${shape.join('x')}/${pass}`,
    work: { kind, pass, shape },
    flops: flops[pass] * product(shape),
    bytes: bytes[pass] * product(shape),
    bound: 'copy',
  }));
}

// Statistics need x before the map can read it again; backward needs x and dy for its two sums, then both again.
const batchNorm = (shape: readonly number[]) =>
  passes('batchNorm', shape, { forward: 12, backward: 20 }, { forward: 5, backward: 8 });
const relu = (shape: readonly number[]) =>
  passes('relu', shape, { forward: 8, backward: 12 }, { forward: 1, backward: 1 });
const maxPool = (shape: readonly number[]) =>
  passes('maxPool', shape, { forward: 5, backward: 9 }, { forward: 0.75, backward: 1 });
const averagePool = (shape: readonly number[]) =>
  passes('averagePool', shape, { forward: 5, backward: 5 }, { forward: 1, backward: 1 });

function bias(rows: number, columns: number): Case {
  const size = rows * columns;
  return {
    name: `bias/${rows}x${columns}`,
    work: { kind: 'bias', shape: [rows, columns] },
    flops: size,
    bytes: 8 * size,
    bound: 'copy',
  };
}

function softmaxCrossEntropy(rows: number, classes: number): Case[] {
  const size = rows * classes;
  return (['forward', 'backward'] as const).map((pass) => ({
    name: `softmaxCrossEntropy/${rows}x${classes}/${pass}`,
    work: { kind: 'softmaxCrossEntropy', pass, rows, classes },
    flops: (pass === 'forward' ? 4 : 3) * size,
    bytes: (pass === 'forward' ? 4 : 8) * size,
    bound: 'copy',
  }));
}

function update(optimizer: OptimizerName, size: number): Case {
  // SGD reads the parameter, its gradient and velocity and writes two of them; Adam has two moments.
  const [bytes, flops] = optimizer === 'sgd' ? [20, 4] : [28, 12];
  return {
    name: `update/${optimizer}-${size}`,
    work: { kind: 'update', optimizer, size },
    flops: flops * size,
    bytes: bytes * size,
    bound: 'copy',
  };
}

interface TrainOptions {
  readonly batch?: number;
  readonly samples?: Samples;
  readonly optimizer?: OptimizerName;
}

/** A training step, named `train/${name}`. */
export function train(
  name: string,
  network: Network,
  { batch = 100, samples = 'mnist', optimizer = 'sgd' }: TrainOptions = {},
): Case {
  return {
    name: `train/${name}`,
    work: { kind: 'train', network, batch, samples, optimizer },
    flops: batch * networkFlops(network, true),
    bytes: 4 * batch * product(network.input) + 20 * parameters(network),
    bound: 'compute',
  };
}

function infer(name: string, network: Network, batch: number): Case {
  return {
    name: `infer/${name}-${batch}`,
    work: { kind: 'infer', network, batch, samples: 'mnist' },
    flops: batch * networkFlops(network, false),
    bytes: 4 * batch * product(network.input) + 4 * parameters(network),
    bound: 'compute',
  };
}

function parameters({ layers }: Network): number {
  return parametersOf(layers).reduce((sum, { shape }) => sum + product(shape), 0);
}

const W1 = [784, 1024, 512, 10];
const W2 = [784, 128, 64, 10];

export const cases: readonly Case[] = [
  ...[64, 256, 512, 1024].map((size) => matmul(size, size, size)),
  matmul(100, 1024, 784),
  matmul(1024, 784, 100),
  matmul(100, 512, 1024),
  matmul(100, 1024, 512),
  matmul(512, 1024, 100),
  matmul(100, 128, 784),
  matmul(100, 10, 512),
  ...linear(100, 784, 1024),
  ...linear(100, 784, 1024, 'mnist'),
  ...linear(100, 1024, 512),
  ...linear(100, 784, 128, 'mnist'),
  ...linear(100, 512, 10),

  ...conv(16, 28, 16, 3),
  ...conv(32, 14, 32, 3),
  ...conv(64, 7, 64, 3),
  ...conv(1, 28, 4, 3),
  ...conv(4, 14, 4, 3),
  ...conv(1, 28, 16, 3),
  ...conv(1, 28, 6, 5),
  ...conv(6, 14, 16, 5, { padding: 0 }),
  ...conv(16, 28, 32, 3, { stride: 2 }),
  ...conv(32, 14, 64, 3, { stride: 2 }),
  ...conv(16, 28, 32, 1, { stride: 2 }),
  ...conv(32, 14, 64, 1, { stride: 2 }),

  ...batchNorm([100, 1024]),
  ...batchNorm([100, 4, 28, 28]),
  ...batchNorm([100, 16, 28, 28]),
  ...batchNorm([100, 64, 7, 7]),
  ...maxPool([100, 6, 28, 28]),
  ...averagePool([100, 4, 28, 28]),
  ...averagePool([100, 16, 28, 28]),
  ...relu([100, 1024]),
  ...relu([100, 16, 28, 28]),
  bias(100, 1024),
  bias(1000, 1024),
  ...softmaxCrossEntropy(100, 10),
  ...softmaxCrossEntropy(1000, 1000),
  update('sgd', 1_048_576),
  update('adam', 1_048_576),
  update('adam', 8_388_608),

  train('W1', mlp(W1)),
  train('W1b', mlp(W1, true)),
  train('W1-dense', mlp(W1), { samples: 'random' }),
  train('W2', mlp(W2)),
  train('W2b', mlp(W2, true)),
  train('W3', smallCnn()),
  train('W3b', smallCnn(true)),
  train('W4-64-sgd', lenet5, { batch: 64 }),
  train('W4-256-sgd', lenet5, { batch: 256 }),
  train('W4-64-adam', lenet5, { batch: 64, optimizer: 'adam' }),
  train('W4-256-adam', lenet5, { batch: 256, optimizer: 'adam' }),
  train('W5', miniResNet),
  train('W6', mlp([3072, 50, 30, 10], true), { samples: 'random' }),
  train('W7', fastCnn(), { batch: 256, optimizer: 'adam' }),

  train('L1', lstm, { batch: 32, samples: 'random' }),
  train('G1', gpt, { batch: 32, samples: 'random', optimizer: 'adam' }),

  infer('lenet5', lenet5, 1),
  infer('lenet5', lenet5, 256),
  infer('mini-resnet', miniResNet, 1),
  infer('mini-resnet', miniResNet, 256),
];
