/** Layers computed plainly in double precision, one number at a time. */
import type { Work } from '../work.js';

export interface PlainOutput {
  readonly size: number;
  at(position: number): number;
}

export type PlainOutputs = Readonly<Record<string, PlainOutput>>;

export type Numbers = ArrayLike<number>;

export const product = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);

export function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

export function linear(
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

export function convolution(work: Extract<Work, { kind: 'conv' }>, data: (name: string) => Numbers): PlainOutputs {
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

export const EPS = 1e-5;

export function batchNorm(
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

export function memoize<T>(compute: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key)!;
  };
}

/** 2×2 pools; of equal numbers the first is the largest. */
export function pool(
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

export function crossEntropy(
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
