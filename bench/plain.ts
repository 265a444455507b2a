/**
 * What a case must give, computed plainly in double precision, one number at a time: only the numbers that are looked
 * at are computed. Training cases have no plain twin here; their losses are compared with those of a peer.
 */

import type { Inputs } from './inputs.js';
import { shapeAfter } from './networks.js';
import { CHECKED_STEPS, type Layer, LEARNING_RATES, type Work } from './work.js';

export interface PlainOutput {
  readonly size: number;
  at(position: number): number;
}

export type PlainOutputs = Readonly<Record<string, PlainOutput>>;

/** Samples of an inference case that are computed. */
const INFERRED = 2;

type Numbers = ArrayLike<number>;

const product = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);

function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

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

function linear(
  { pass, rows, in: inputs, out }: Extract<Work, { kind: 'linear' }>,
  data: (name: string) => Numbers,
): PlainOutputs {
  const [x, weight, bias, dy] = [data('x'), data('weight'), data('bias'), data('dy')];
  const split = (p: number, width: number) => [Math.floor(p / width), p % width] as const;
  switch (pass) {
    case 'forward':
      return {
        y: {
          size: rows * out,
          at: (p) => {
            const [row, o] = split(p, out);
            return bias[o]! + sum(inputs, (i) => x[row * inputs + i]! * weight[o * inputs + i]!);
          },
        },
      };
    case 'backward-input':
      return {
        dx: {
          size: rows * inputs,
          at: (p) => {
            const [row, i] = split(p, inputs);
            return sum(out, (o) => dy[row * out + o]! * weight[o * inputs + i]!);
          },
        },
      };
    case 'backward-weight':
      return {
        dWeight: {
          size: out * inputs,
          at: (p) => {
            const [o, i] = split(p, inputs);
            return sum(rows, (row) => dy[row * out + o]! * x[row * inputs + i]!);
          },
        },
      };
  }
}

function convolution(work: Extract<Work, { kind: 'conv' }>, data: (name: string) => Numbers): PlainOutputs {
  const { pass, images, channels, height, width, out, kernel, stride, padding } = work;
  const after = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  const [oh, ow] = [after(height), after(width)];
  const [x, weight, bias, dy] = [data('x'), data('weight'), data('bias'), data('dy')];
  const pixel = (n: number, c: number, row: number, column: number) =>
    row < 0 || column < 0 || row >= height || column >= width
      ? 0
      : x[((n * channels + c) * height + row) * width + column]!;
  const tap = (o: number, c: number, u: number, v: number) => weight[((o * channels + c) * kernel + u) * kernel + v]!;
  const digits = (p: number, shape: readonly number[]) => {
    const found: number[] = [];
    let rest = p;
    for (const length of [...shape].reverse()) {
      found.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return found as [number, number, number, number];
  };
  switch (pass) {
    case 'forward':
      return {
        y: {
          size: images * out * oh * ow,
          at: (p) => {
            const [n, o, i, j] = digits(p, [images, out, oh, ow]);
            return (
              bias[o]! +
              sum(channels, (c) =>
                sum(kernel, (u) =>
                  sum(kernel, (v) => tap(o, c, u, v) * pixel(n, c, i * stride + u - padding, j * stride + v - padding)),
                ),
              )
            );
          },
        },
      };
    case 'backward-input':
      return {
        dx: {
          size: images * channels * height * width,
          at: (p) => {
            const [n, c, row, column] = digits(p, [images, channels, height, width]);
            return sum(out, (o) =>
              sum(kernel, (u) =>
                sum(kernel, (v) => {
                  const [i, j] = [(row + padding - u) / stride, (column + padding - v) / stride];
                  const inside = Number.isInteger(i) && Number.isInteger(j) && i >= 0 && j >= 0 && i < oh && j < ow;
                  return inside ? tap(o, c, u, v) * dy[((n * out + o) * oh + i) * ow + j]! : 0;
                }),
              ),
            );
          },
        },
      };
    case 'backward-weight':
      return {
        dWeight: {
          size: out * channels * kernel ** 2,
          at: (p) => {
            const [o, c, u, v] = digits(p, [out, channels, kernel, kernel]);
            return sum(images, (n) =>
              sum(oh, (i) =>
                sum(
                  ow,
                  (j) =>
                    dy[((n * out + o) * oh + i) * ow + j]! *
                    pixel(n, c, i * stride + u - padding, j * stride + v - padding),
                ),
              ),
            );
          },
        },
      };
  }
}

const EPS = 1e-5;

function batchNorm(
  pass: 'forward' | 'backward',
  shape: readonly number[],
  data: (name: string) => Numbers,
): PlainOutputs {
  const [n = 0, channels = 0] = shape;
  const spatial = product(shape.slice(2));
  const count = n * spatial;
  const [x, weight, bias, dy] = [data('x'), data('weight'), data('bias'), data('dy')];
  const place = (c: number, i: number) => (Math.floor(i / spatial) * channels + c) * spatial + (i % spatial);
  const channel = memoize((c: number) => {
    const mean = sum(count, (i) => x[place(c, i)]!) / count;
    const scale = 1 / Math.sqrt(sum(count, (i) => (x[place(c, i)]! - mean) ** 2) / count + EPS);
    const dBias = sum(count, (i) => dy[place(c, i)]!);
    const dWeight = sum(count, (i) => dy[place(c, i)]! * (x[place(c, i)]! - mean) * scale);
    return { mean, scale, dBias, dWeight };
  });
  const channelOf = (p: number) => Math.floor(p / spatial) % channels;
  if (pass === 'forward')
    return {
      y: {
        size: n * channels * spatial,
        at: (p) => {
          const c = channelOf(p);
          const { mean, scale } = channel(c);
          return (x[p]! - mean) * scale * weight[c]! + bias[c]!;
        },
      },
    };
  return {
    dx: {
      size: n * channels * spatial,
      at: (p) => {
        const c = channelOf(p);
        const { mean, scale, dBias, dWeight } = channel(c);
        return weight[c]! * scale * (dy[p]! - dBias / count - ((x[p]! - mean) * scale * dWeight) / count);
      },
    },
    dWeight: { size: channels, at: (c) => channel(c).dWeight },
    dBias: { size: channels, at: (c) => channel(c).dBias },
  };
}

function memoize<T>(compute: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key)!;
  };
}

/** 2×2 pools; of equal numbers the first is the largest. */
function pool(
  kind: 'maxPool' | 'averagePool',
  pass: 'forward' | 'backward',
  shape: readonly number[],
  data: (name: string) => Numbers,
): PlainOutputs {
  const [x, dy] = [data('x'), data('dy')];
  const width = shape[3]!;
  const half = width / 2;
  const corners = (p: number) => {
    const corner = Math.floor(p / half) * 2 * width + (p % half) * 2;
    return [corner, corner + 1, corner + width, corner + width + 1];
  };
  const largest = (places: readonly number[]) => places.reduce((best, place) => (x[place]! > x[best]! ? place : best));
  if (pass === 'forward') {
    return {
      y: {
        size: product(shape) / 4,
        at: (p) => {
          const places = corners(p);
          return kind === 'maxPool' ? x[largest(places)]! : sum(4, (i) => x[places[i]!]!) / 4;
        },
      },
    };
  }
  return {
    dx: {
      size: product(shape),
      at: (p) => {
        const [row, column] = [Math.floor(p / width), p % width];
        const window = Math.floor(row / 2) * half + Math.floor(column / 2);
        if (kind === 'averagePool') return dy[window]! / 4;
        return largest(corners(window)) === p ? dy[window]! : 0;
      },
    },
  };
}

function crossEntropy(
  pass: 'forward' | 'backward',
  rows: number,
  classes: number,
  data: (name: string) => Numbers,
): PlainOutputs {
  const [x, labels] = [data('x'), data('labels')];
  const logSum = memoize((row: number) => Math.log(sum(classes, (c) => Math.exp(x[row * classes + c]!))));
  if (pass === 'forward')
    return { y: { size: 1, at: () => sum(rows, (row) => logSum(row) - x[row * classes + labels[row]!]!) / rows } };
  return {
    dx: {
      size: rows * classes,
      at: (p) => {
        const [row, c] = [Math.floor(p / classes), p % classes];
        return (Math.exp(x[p]! - logSum(row)) - (labels[row] === c ? 1 : 0)) / rows;
      },
    },
  };
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

/** The logits of the first samples; the running statistics of batch normalisation are mean 0 and variance 1. */
function inference({ network, batch }: Extract<Work, { kind: 'infer' }>, inputs: Inputs): PlainOutputs {
  const forward = memoize((n: number) => {
    let next = 0;
    const parameter = () => inputs[`p${next++}`]!.data;
    const size = product(network.input);
    const walk = (layers: readonly Layer[], x: Numbers, shape: readonly number[]): Numbers => {
      let [values, at] = [x, shape];
      for (const spec of layers) {
        const [from, from0] = [values, at];
        const after = shapeAfter(spec, at);
        const [, height = 0, width = 0] = from0;
        switch (spec.layer) {
          case 'linear': {
            const named: Readonly<Record<string, Numbers>> = {
              x: from,
              weight: parameter(),
              bias: parameter(),
              dy: [],
            };
            values = all(
              linear(
                { kind: 'linear', pass: 'forward', rows: 1, in: spec.in, out: spec.out, samples: 'random' },
                (name) => named[name]!,
              ),
            );
            break;
          }
          case 'conv': {
            const named: Readonly<Record<string, Numbers>> = {
              x: from,
              weight: parameter(),
              bias: spec.bias ? parameter() : new Float64Array(spec.out),
              dy: [],
            };
            values = all(
              convolution(
                { kind: 'conv', pass: 'forward', images: 1, channels: spec.in, height, width, ...spec },
                (name) => named[name]!,
              ),
            );
            break;
          }
          case 'batchNorm': {
            const [scale, shift] = [parameter(), parameter()];
            const spatial = from.length / spec.channels;
            values = Float64Array.from(
              from,
              (value, p) =>
                (value / Math.sqrt(1 + EPS)) * scale[Math.floor(p / spatial)]! + shift[Math.floor(p / spatial)]!,
            );
            break;
          }
          case 'relu':
            values = Float64Array.from(from, (value) => Math.max(0, value));
            break;
          case 'maxPool':
          case 'averagePool':
            values = all(pool(spec.layer, 'forward', [1, ...from0], (name) => (name === 'x' ? from : [])));
            break;
          case 'globalAveragePool':
            values = Float64Array.from(
              { length: after[0]! },
              (_, c) => sum(height * width, (i) => from[c * height * width + i]!) / (height * width),
            );
            break;
          case 'flatten':
            break;
          case 'residual': {
            const body = walk(spec.body, from, from0);
            const shortcut = walk(spec.shortcut, from, from0);
            values = Float64Array.from(body, (value, p) => value + shortcut[p]!);
            break;
          }
        }
        at = after;
      }
      return values;
    };
    return walk(network.layers, (inputs.x!.data as Float32Array).subarray(n * size, (n + 1) * size), network.input);
  });
  const classes = 10;
  return {
    y: { size: Math.min(batch, INFERRED) * classes, at: (p) => forward(Math.floor(p / classes))[p % classes]! },
  };
}

function all(outputs: PlainOutputs): Float64Array {
  const { size, at } = outputs.y!;
  return Float64Array.from({ length: size }, (_, p) => at(p));
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
