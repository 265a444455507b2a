/** The numbers that every case works on: the same for all contenders. */
import { parametersOf } from './networks.js';
import type { Network, Samples, Work } from './work.js';

export interface InputArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type Inputs = Readonly<Record<string, InputArray>>;

/** MNIST's training images with pixels in [0, 1], and their classes. */
export interface Digits {
  readonly images: Float32Array;
  readonly classes: Int32Array;
}

/** Numbers in the file that training goes through before it begins again: about 24 MB. */
const TRAINING_NUMBERS = 6_000_000;

/**
 * Uniform numbers in [0, 1), always the same ones for the same seed.
 * @see Marsaglia 2003, "Xorshift RNGs"
 */
function uniform(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 8) / 2 ** 24;
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);

function uniformArray(seed: number, shape: readonly number[], low: number, high: number): InputArray {
  const next = uniform(seed);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()) };
}

/** p0, p1, …: the parameters as training begins with them. */
export function makeParameters({ layers }: Network, nextSeed: () => number): Inputs {
  return Object.fromEntries(
    parametersOf(layers).map(({ shape, start }, i) => [
      `p${i}`,
      'bound' in start
        ? uniformArray(nextSeed(), shape, -start.bound, start.bound)
        : { shape, data: new Float32Array(sizeOf(shape)).fill(start.value) },
    ]),
  );
}

/** What the case needs, in memory. `digits` is asked for only where the samples are MNIST's. */
export async function makeInputs(work: Work, digits: () => Promise<Digits>): Promise<Inputs> {
  let seed = 0;
  const random = (shape: readonly number[], low = -1, high = 1) => uniformArray(seed++, shape, low, high);
  const labels = (count: number, classes: number): InputArray => {
    const next = uniform(seed++);
    return { shape: [count], data: Int32Array.from({ length: count }, () => Math.floor(classes * next())) };
  };
  const samples = async (
    kind: Samples,
    count: number,
    shape: readonly number[],
    classes: number,
  ): Promise<{ x: InputArray; labels: InputArray }> => {
    if (kind === 'random') return { x: random([count, ...shape], 0, 1), labels: labels(count, classes) };
    const mnist = await digits();
    return {
      x: { shape: [count, ...shape], data: mnist.images.slice(0, count * sizeOf(shape)) },
      labels: { shape: [count], data: mnist.classes.slice(0, count) },
    };
  };
  const parameters = (network: Network) => makeParameters(network, () => seed++);

  switch (work.kind) {
    case 'matmul':
      return { a: random([work.m, work.k]), b: random([work.k, work.n]) };
    case 'linear':
      return {
        x: (await samples(work.samples, work.rows, [work.in], 1)).x,
        weight: random([work.out, work.in]),
        bias: random([work.out]),
        dy: random([work.rows, work.out]),
      };
    case 'conv': {
      const length = (before: number) => Math.floor((before + 2 * work.padding - work.kernel) / work.stride) + 1;
      return {
        x: random([work.images, work.channels, work.height, work.width]),
        weight: random([work.out, work.channels, work.kernel, work.kernel]),
        bias: random([work.out]),
        dy: random([work.images, work.out, length(work.height), length(work.width)]),
      };
    }
    case 'batchNorm':
      return {
        x: random(work.shape),
        weight: random([work.shape[1]!]),
        bias: random([work.shape[1]!]),
        dy: random(work.shape),
      };
    case 'relu':
      return { x: random(work.shape), dy: random(work.shape) };
    case 'maxPool':
    case 'averagePool': {
      const [n = 0, c = 0, h = 0, w = 0] = work.shape;
      return { x: random(work.shape), dy: random([n, c, h / 2, w / 2]) };
    }
    case 'bias':
      return { x: random(work.shape), bias: random([work.shape[1]]) };
    case 'softmaxCrossEntropy':
      return { x: random([work.rows, work.classes], -3, 3), labels: labels(work.rows, work.classes) };
    case 'update':
      return { param: random([work.size]), grad: random([work.size]) };
    case 'train': {
      const batches = Math.min(
        80,
        Math.max(4, Math.floor(TRAINING_NUMBERS / (work.batch * sizeOf(work.network.input)))),
      );
      return {
        ...(await samples(work.samples, batches * work.batch, work.network.input, 10)),
        ...parameters(work.network),
      };
    }
    case 'epoch':
      return parameters(work.network);
    case 'ceiling':
      return {};
    case 'infer':
      return { x: (await samples(work.samples, work.batch, work.network.input, 10)).x, ...parameters(work.network) };
  }
}
