/**
 * What a case must give, computed plainly in double precision, one number at a time: only the numbers that are looked
 * at are computed. Training cases have no plain twin here; their losses are compared with those of a peer.
 */

import type { Inputs } from './inputs.js';
import { inference } from './plain/inference.js';
import {
  batchNorm,
  convolution,
  crossEntropy,
  linear,
  type Numbers,
  type PlainOutputs,
  pool,
  product,
  sum,
} from './plain/layers.js';
import { CHECKED_STEPS, LEARNING_RATES, type Work } from './work.js';

export function plainOutputs(work: Work, inputs: Inputs): PlainOutputs | null {
  const data = (name: string): Numbers => inputs[name]!.data;
  switch (work.kind) {
    case 'matmul': {
      const { m, n, k } = work;
      const [a, b] = [data('a'), data('b')];
      return { y: { size: m * n, at: (p) => sum(k, (i) => a[Math.floor(p / n) * k + i]! * b[i * n + (p % n)]!) } };
    }
    case 'linear':
      return linear(work, data);
    case 'conv':
      return convolution(work, data);
    case 'batchNorm':
      return batchNorm(work.pass, work.shape, data);
    case 'relu': {
      const x = data('x');
      return work.pass === 'forward'
        ? { y: { size: product(work.shape), at: (p) => Math.max(0, x[p]!) } }
        : { dx: { size: product(work.shape), at: (p) => (x[p]! > 0 ? data('dy')[p]! : 0) } };
    }
    case 'maxPool':
    case 'averagePool':
      return pool(work.kind, work.pass, work.shape, data);
    case 'bias':
      return { y: { size: product(work.shape), at: (p) => data('x')[p]! + data('bias')[p % work.shape[1]]! } };
    case 'softmaxCrossEntropy':
      return crossEntropy(work.pass, work.rows, work.classes, data);
    case 'update':
      return { param: { size: work.size, at: (p) => updated(work.optimizer, data('param')[p]!, data('grad')[p]!) } };
    case 'infer':
      return inference(work, inputs);
    case 'ceiling':
    case 'epoch':
    case 'train':
      return null;
  }
}

/** A parameter after CHECKED_STEPS updates by the same gradient. */
function updated(optimizer: 'sgd' | 'adam', start: number, grad: number): number {
  const lr = LEARNING_RATES[optimizer];
  let [param, first, second] = [start, 0, 0];
  for (let step = 1; step <= CHECKED_STEPS; step++) {
    if (optimizer === 'sgd') {
      first = step === 1 ? grad : 0.9 * first + grad;
      param -= lr * first;
    } else {
      first = 0.9 * first + 0.1 * grad;
      second = 0.999 * second + 0.001 * grad ** 2;
      param -= (lr * (first / (1 - 0.9 ** step))) / (Math.sqrt(second / (1 - 0.999 ** step)) + 1e-8);
    }
  }
  return param;
}

/** Largest number of positions that are compared in an output. */
const PROBED = 64;

/** Positions spread over `size` numbers, the first and the last among them. */
export function probePositions(size: number): number[] {
  if (size <= PROBED) return Array.from({ length: size }, (_, i) => i);
  // Steps of the golden section fall into no pattern with rows, channels or tiles.
  const spread = Array.from({ length: PROBED - 2 }, (_, i) => Math.floor((((i + 1) * 0.6180339887498949) % 1) * size));
  return [...new Set([0, ...spread, size - 1])];
}
